package io.mitune.schemas;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The catalogue of topics under one name prefix.
 *
 * <p>Prompts, candidates and curated samples are all keyed by promptId and have the same number of
 * partitions: a stream task sees a prompt and its candidates together, and the order of a prompt's
 * records is kept from end to end. Immutable.
 */
public final class Topics {
    public static final String DEFAULT_PREFIX = "mitune.";

    private static final int BY_PROMPT = 4;

    /**
     * The broker gives a worker only some partitions of a queue, and it idles if those are empty.
     */
    private static final int QUEUE = 1;

    private static final Map<String, String> FOR_EVER = Map.of("retention.ms", "-1");
    private static final Map<String, String> COMPACTED = Map.of("cleanup.policy", "compact");

    private static final Map<String, String> DEAD_LETTERS =
            Map.of(
                    "retention.ms",
                    Long.toString(DeadLetters.KEPT.toMillis()),
                    "max.message.bytes",
                    Integer.toString(DeadLetters.MAX_RECORD_BYTES));

    private final String prefix;
    private final Topic<PromptRequest> prompts;
    private final Topic<GenerationTask> generationTasks;
    private final Topic<GenerationTask> releases;
    private final Topic<Candidate> candidates;
    private final Topic<CuratedSample> curated;
    private final Topic<PolicyEvent> policies;
    private final Topic<RoundChoice> roundChoices;
    private final Topic<Vote> votes;
    private final Topic<AdapterEvent> adapters;
    private final Topic<AdapterEvent> adapterHistory;
    private final Topic<EvaluationTask> evaluationTasks;
    private final Topic<Evaluation> evaluations;
    private final Topic<TrainingStep> trainingSteps;
    private final Topic<RunSettings> runs;
    private final Topic<RunCount> runCounts;
    private final Topic<RunStatus> runStatus;
    private final Topic<byte[]> deadLetters;

    /**
     * @param prefix put before every name; may be empty
     */
    public Topics(String prefix) {
        this.prefix = prefix;
        prompts = new Topic<>(prefix + "prompts", PromptRequest.class, BY_PROMPT, FOR_EVER);
        generationTasks =
                new Topic<>(prefix + "generation-tasks", GenerationTask.class, QUEUE, keptDays(7));
        releases = new Topic<>(prefix + "releases", GenerationTask.class, BY_PROMPT, keptDays(30));
        candidates = new Topic<>(prefix + "candidates", Candidate.class, BY_PROMPT, FOR_EVER);
        curated = new Topic<>(prefix + "curated", CuratedSample.class, BY_PROMPT, FOR_EVER);
        policies = new Topic<>(prefix + "policies", PolicyEvent.class, 1, FOR_EVER);
        roundChoices =
                new Topic<>(prefix + "round-choices", RoundChoice.class, BY_PROMPT, keptDays(30));
        votes = new Topic<>(prefix + "votes", Vote.class, BY_PROMPT, FOR_EVER);
        adapters = new Topic<>(prefix + "adapters", AdapterEvent.class, 1, COMPACTED);
        adapterHistory = new Topic<>(prefix + "adapter-history", AdapterEvent.class, 1, FOR_EVER);
        evaluationTasks =
                new Topic<>(prefix + "evaluation-tasks", EvaluationTask.class, QUEUE, keptDays(30));
        evaluations = new Topic<>(prefix + "evaluations", Evaluation.class, 1, FOR_EVER);
        trainingSteps = new Topic<>(prefix + "training-steps", TrainingStep.class, 1, keptDays(30));
        runs = new Topic<>(prefix + "runs", RunSettings.class, 1, COMPACTED);
        runCounts = new Topic<>(prefix + "run-counts", RunCount.class, 1, COMPACTED);
        runStatus = new Topic<>(prefix + "run-status", RunStatus.class, 1, COMPACTED);
        deadLetters = new Topic<>(prefix + "dead-letters", byte[].class, 1, DEAD_LETTERS);
    }

    /** What every name begins with; may be empty. */
    public String prefix() {
        return prefix;
    }

    /** Requests, one per prompt and round; key promptId. */
    public Topic<PromptRequest> prompts() {
        return prompts;
    }

    /** Work for the GPU workers, read as a queue; key taskId. */
    public Topic<GenerationTask> generationTasks() {
        return generationTasks;
    }

    /** The first task of each prompt, when it was handed out; key promptId. */
    public Topic<GenerationTask> releases() {
        return releases;
    }

    /** Scored samples, also those that failed; key promptId. */
    public Topic<Candidate> candidates() {
        return candidates;
    }

    /** The kept samples; key promptId. */
    public Topic<CuratedSample> curated() {
        return curated;
    }

    /** Every version of every curation policy; key name/version. */
    public Topic<PolicyEvent> policies() {
        return policies;
    }

    /** Choices that wait for the end of their round; key run/round. */
    public Topic<RoundChoice> roundChoices() {
        return roundChoices;
    }

    /** Answers of people; key promptId. */
    public Topic<Vote> votes() {
        return votes;
    }

    /** The current adapter of each run; compacted, key run. */
    public Topic<AdapterEvent> adapters() {
        return adapters;
    }

    /** Every state that any adapter version ever had; key run. */
    public Topic<AdapterEvent> adapterHistory() {
        return adapterHistory;
    }

    /** Validation work for one adapter version; key run/version. */
    public Topic<EvaluationTask> evaluationTasks() {
        return evaluationTasks;
    }

    /** Validation scores of one adapter version; key run/version. */
    public Topic<Evaluation> evaluations() {
        return evaluations;
    }

    /** One record per optimizer step; key run. */
    public Topic<TrainingStep> trainingSteps() {
        return trainingSteps;
    }

    /** Standing settings of each run; compacted, key run. */
    public Topic<RunSettings> runs() {
        return runs;
    }

    /** What each partition holds of each run; compacted, key run/part. */
    public Topic<RunCount> runCounts() {
        return runCounts;
    }

    /** Where each run stands; compacted, key run. */
    public Topic<RunStatus> runStatus() {
        return runStatus;
    }

    /** Raw records that could not be processed; see {@link DeadLetters}. */
    public Topic<byte[]> deadLetters() {
        return deadLetters;
    }

    /** All topics, in the order of the data flow. */
    public List<Topic<?>> all() {
        return List.of(
                prompts,
                generationTasks,
                releases,
                candidates,
                curated,
                policies,
                roundChoices,
                votes,
                adapters,
                adapterHistory,
                evaluationTasks,
                evaluations,
                trainingSteps,
                runs,
                runCounts,
                runStatus,
                deadLetters);
    }

    /** Full name to the name without the prefix, in the order of the data flow. */
    public Map<String, String> shortNames() {
        var names = new LinkedHashMap<String, String>();
        all().forEach(t -> names.put(t.name(), t.name().substring(prefix.length())));
        return names;
    }

    private static Map<String, String> keptDays(int days) {
        return Map.of("retention.ms", Long.toString(Duration.ofDays(days).toMillis()));
    }
}
