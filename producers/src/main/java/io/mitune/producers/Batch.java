package io.mitune.producers;

import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RequestLimits;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A list of prompts as requests. Pure.
 *
 * <p>The name of a batch enters the ids of its prompts and candidates, so two runs must not share
 * one: they would draw different pictures under the same id.
 */
final class Batch {
    private Batch() {}

    /** The given name, or 16 hex digits of the hash of the run and of the texts in order. */
    static String name(List<Prompt> prompts, PublishSettings settings) {
        return settings.batch().orElseGet(() -> hash(settings.run() + "\n" + texts(prompts)));
    }

    /** The same of the texts alone, as earlier versions named a batch. */
    static String nameWithoutRun(List<Prompt> prompts) {
        return hash(texts(prompts));
    }

    private static String texts(List<Prompt> prompts) {
        // neither a run nor a text holds a line break, so joining is unambiguous
        return prompts.stream().map(Prompt::text).collect(Collectors.joining("\n"));
    }

    private static String hash(String all) {
        return Identity.sha256(all.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }

    static List<PromptRequest> requests(
            List<Prompt> prompts, PublishSettings s, String batch, int round, Instant now) {
        var requests = new ArrayList<PromptRequest>(prompts.size());
        for (var prompt : prompts) {
            int position = requests.size();
            var request =
                    PromptRequest.newBuilder()
                            .setPromptId(Identity.promptId(batch, position, prompt.text()))
                            .setRun(s.run())
                            .setRound(round)
                            .setRoundSize(prompts.size())
                            .setBatch(batch)
                            .setText(prompt.text())
                            .setNegativePrompt(s.negativePrompt())
                            .setCategory(prompt.category())
                            .setPosition(position)
                            .setSeed(s.seed())
                            .setCandidates(s.candidates())
                            .setKeep(s.keep())
                            .setSampling(s.sampling())
                            .setModel(s.model())
                            .setPriority(s.priority())
                            .setRequestedAt(now)
                            .build();
            refuse(RequestLimits.sharedFault(request));
            refuse(RequestLimits.ownFault(request).map(f -> "prompt " + prompt.line() + ": " + f));
            requests.add(request);
        }
        return requests;
    }

    private static void refuse(Optional<String> fault) {
        fault.ifPresent(
                text -> {
                    throw new PublishException(text);
                });
    }

    /** Whether two requests of one batch and round ask for the same. */
    static boolean sameSettings(PromptRequest a, PromptRequest b) {
        return a.getRoundSize() == b.getRoundSize()
                && a.getSeed() == b.getSeed()
                && a.getCandidates() == b.getCandidates()
                && a.getKeep() == b.getKeep()
                && a.getNegativePrompt().equals(b.getNegativePrompt())
                && a.getSampling().equals(b.getSampling())
                && a.getModel().equals(b.getModel())
                && a.getPriority() == b.getPriority();
    }

    /** Those settings, for messages. */
    static String settingsOf(PromptRequest r) {
        return ("%d prompts, priority %d, seed %d, %d candidates, keep %d, negative prompt '%s',"
                        + " model '%s', %s")
                .formatted(
                        r.getRoundSize(),
                        r.getPriority(),
                        r.getSeed(),
                        r.getCandidates(),
                        r.getKeep(),
                        r.getNegativePrompt(),
                        r.getModel(),
                        r.getSampling());
    }
}
