package io.mitune.streams.curator;

import io.mitune.schemas.PolicyEvent;
import io.mitune.schemas.RequestLimits;
import io.mitune.streams.BadRecordException;
import io.mitune.streams.curator.CurationPolicy.Selection;
import io.mitune.streams.curator.ScoreRule.Estimator;
import io.mitune.streams.curator.ScoreRule.Window;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Policies as they stand in the log. Pure. */
public final class PolicyEvents {
    public static final String SET = "set";
    public static final String REMOVE = "remove";
    public static final String EFFECT = "effect";

    private static final int MAX_PARTITIONS = 10_000;
    private static final String ROUND = "round";
    private static final String PROMPT = "prompt";

    private PolicyEvents() {}

    /** Key of the record in the topic. */
    public static String key(PolicyEvent e) {
        var version = e.getName() + "/" + e.getVersion();
        return e.getAction().equals(EFFECT) ? version + "/" + e.getPartition() : version;
    }

    /** The first thing wrong, in one line that names the field, or nothing. */
    public static Optional<String> fault(PolicyEvent e) {
        try {
            policy(e);
            return Optional.empty();
        } catch (IllegalArgumentException refusal) {
            return Optional.of(refusal.getMessage());
        }
    }

    /**
     * What {@link #fault} says of a record.
     *
     * @throws BadRecordException when it finds one
     */
    public static void check(PolicyEvent e) {
        BadRecordException.refuse(fault(e));
    }

    /**
     * The policy of an event; of one that removes or fixes an offset, only name and version count.
     *
     * @throws IllegalArgumentException in one line that names the field
     */
    public static CurationPolicy policy(PolicyEvent e) {
        checkFrame(e);
        boolean round = isRound(e);
        var most = optional(e.getMaxSimilarity());
        PolicyFault.unless(
                e.getKeep() >= 0,
                "keep: expected 0, for what each prompt asks, or more",
                e.getKeep());
        return new CurationPolicy(
                e.getName(),
                e.getVersion(),
                choice("selection", Selection.values(), e.getSelection()),
                e.getKeep() == 0 ? OptionalInt.empty() : OptionalInt.of(e.getKeep()),
                e.getRunSuffix(),
                new ScoreRule(choice("estimator", Estimator.values(), e.getEstimator()), window(e)),
                new KeepRule(optional(e.getThreshold()), optional(e.getMargin()), most),
                new RoundRule(e.getQuotas(), round && most.isPresent()),
                new VoteMix(e.getVoteWeight(), e.getMinVotes()));
    }

    /** The event that sets this policy, for all runs and from the first prompt on. */
    public static PolicyEvent of(CurationPolicy p) {
        return PolicyEvent.newBuilder()
                .setName(p.name())
                .setVersion(p.version())
                .setAction(SET)
                .setLive(p.votes().isNone())
                .setSelection(name(p.selection()))
                .setKeep(p.keep().orElse(0))
                .setRunSuffix(p.runSuffix())
                .setEstimator(name(p.score().estimator()))
                .setWindowFrom(p.score().window().map(Window::from).orElse(null))
                .setWindowTo(p.score().window().map(Window::to).orElse(null))
                .setThreshold(boxed(p.rule().threshold()))
                .setMargin(boxed(p.rule().margin()))
                .setMaxSimilarity(boxed(p.rule().maxSimilarity()))
                .setSimilarityScope(p.round().similarity() ? ROUND : PROMPT)
                .setQuotas(new TreeMap<>(p.round().quotas()))
                .setVoteWeight(p.votes().weight())
                .setMinVotes(p.votes().minVotes())
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static Double boxed(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static void checkFrame(PolicyEvent e) {
        boolean effect = e.getAction().equals(EFFECT);
        PolicyFault.unless(
                effect || e.getAction().equals(SET) || e.getAction().equals(REMOVE),
                "action: expected set, remove or effect",
                RequestLimits.shown(e.getAction()));
        if (!e.getRun().isEmpty()) {
            RequestLimits.runFault(e.getRun())
                    .ifPresent(
                            fault -> {
                                throw new IllegalArgumentException("curation policy: " + fault);
                            });
        }
        PolicyFault.unless(
                e.getPromptOffsets().size() <= MAX_PARTITIONS
                        && e.getPromptOffsets().stream().allMatch(offset -> offset >= 0),
                "promptOffsets: expected 0 or more each",
                e.getPromptOffsets().size());
        PolicyFault.unless(
                !effect || e.getPartition() >= 0 && e.getOffset() >= 0,
                "effect: expected a partition and an offset of 0 or more",
                e.getPartition() + " and " + e.getOffset());
        PolicyFault.unless(
                e.getVoteWeight() == 0 || !e.getLive(),
                "voteWeight: expected 0 unless only recurate uses it, since nobody has voted when"
                        + " a prompt closes",
                e.getVoteWeight());
    }

    private static boolean isRound(PolicyEvent e) {
        var scope = e.getSimilarityScope();
        PolicyFault.unless(
                scope.equals(ROUND) || scope.equals(PROMPT),
                "similarityScope: expected prompt or round",
                RequestLimits.shown(scope));
        return scope.equals(ROUND);
    }

    private static Optional<Window> window(PolicyEvent e) {
        boolean none = e.getWindowFrom() == null;
        PolicyFault.unless(
                none == (e.getWindowTo() == null),
                "window: expected both ends or none",
                e.getWindowFrom() + " to " + e.getWindowTo());
        return none
                ? Optional.empty()
                : Optional.of(new Window(e.getWindowFrom(), e.getWindowTo()));
    }

    private static OptionalDouble optional(Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private static <E extends Enum<E>> E choice(String field, E[] values, String name) {
        var names = Arrays.stream(values).map(PolicyEvents::name).toList();
        PolicyFault.unless(
                names.contains(name),
                field + ": expected one of " + String.join(", ", names),
                RequestLimits.shown(name));
        return values[names.indexOf(name)];
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
