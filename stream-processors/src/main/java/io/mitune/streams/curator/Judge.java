package io.mitune.streams.curator;

import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PolicyEvent;
import io.mitune.schemas.RoundChoice;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the policies in force to a closed prompt and sends on what they choose: as curated
 * records at once, or to wait for the round's end. Belongs to one stream task.
 */
final class Judge {
    private static final Logger log = LoggerFactory.getLogger(Judge.class);

    private final CurationConfig config;
    private final ProcessorContext<String, SpecificRecord> context;
    private final KnownPolicies known;
    private final PolicyEffects effects;

    Judge(CurationConfig config, ProcessorContext<String, SpecificRecord> context) {
        this.config = config;
        this.context = context;
        known = KnownPolicies.in(context);
        effects =
                new PolicyEffects(
                        context.getStateStore(CuratorTopology.EFFECTS),
                        context.taskId().partition(),
                        this::announce);
    }

    /**
     * Judges a prompt.
     *
     * @param roundSize prompts of its round
     * @param offset of its request, when that came
     * @param choices what a policy chooses of it
     */
    void judge(
            BoardKey key,
            int roundSize,
            OptionalLong offset,
            Function<CurationPolicy, List<Choice>> choices) {
        var counted = effects.counted(known.history(), offset);
        offset.ifPresent(effects::judged);
        for (var policy : PolicyHistory.inForce(config.policies(), key.run(), counted)) {
            var chosen = choices.apply(policy);
            var word = chosen.get(0).sample().getReason();
            if (policy.holds(roundSize)) {
                chosen.forEach(choice -> hold(key, roundSize, policy, choice));
                log.info("{}: {}: held: {}", key, policy.reference(), word);
            } else {
                chosen.forEach(choice -> curated(choice.sample()));
                log.info("{}: {}: {}", key, policy.reference(), word);
            }
        }
        if (roundSize <= RoundRule.MAX_PROMPTS) {
            send(CuratorTopology.CHOICES_SINK, key.runAndRound(), closed(key, roundSize).build());
        }
    }

    private void hold(BoardKey key, int roundSize, CurationPolicy policy, Choice choice) {
        var held =
                closed(key, roundSize)
                        .setPolicy(PolicyEvents.of(policy))
                        .setSample(choice.sample())
                        .setPriority(choice.priority())
                        .setSketch(choice.sketch().logged());
        send(CuratorTopology.CHOICES_SINK, key.runAndRound(), held.build());
    }

    private static RoundChoice.Builder closed(BoardKey key, int roundSize) {
        return RoundChoice.newBuilder()
                .setPromptId(key.promptId())
                .setRun(key.run())
                .setRound(key.round())
                .setRoundSize(roundSize);
    }

    private void curated(CuratedSample sample) {
        send(CuratorTopology.CURATED_SINK, sample.getPromptId(), sample);
    }

    private void announce(PolicyEvent effect) {
        log.info(
                "policy {}/{} counts in partition {} of prompts from offset {} on",
                effect.getName(),
                effect.getVersion(),
                effect.getPartition(),
                effect.getOffset());
        send(CuratorTopology.EFFECTS_SINK, PolicyEvents.key(effect), effect);
    }

    private void send(String sink, String key, SpecificRecord value) {
        context.forward(new Record<>(key, value, context.currentSystemTimeMs()), sink);
    }
}
