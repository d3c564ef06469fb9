package io.mitune.app.report;

import io.mitune.app.log.TopicLog;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.TrainingStep;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the log says of one run, summed up in one pass, in bounded memory. Belongs to one thread.
 *
 * <p>Of the kept samples those of the newest round with the widest margins are kept for show.
 */
final class RunRecord {
    private static final int MAX_SHOWN = 400;
    private static final int MAX_FORMS = 20;
    private static final Comparator<CuratedSample> SHOWN_FIRST =
            Comparator.comparingInt(CuratedSample::getRound)
                    .reversed()
                    .thenComparing(Comparator.comparingDouble(CuratedSample::getMargin).reversed())
                    .thenComparing(CuratedSample::getPromptId)
                    .thenComparingInt(CuratedSample::getRank);

    final String run;
    final Set<String> otherRuns = new TreeSet<>();
    final Map<String, Long> forms = new TreeMap<>();
    final MiValues drawn = new MiValues();
    final MiValues kept = new MiValues();
    final TreeSet<CuratedSample> shown = new TreeSet<>(SHOWN_FIRST);
    final TreeMap<Integer, TrainingStep> steps = new TreeMap<>();
    final TreeMap<Integer, Evaluation> evaluations = new TreeMap<>();
    final TreeMap<Integer, AdapterEvent> versions = new TreeMap<>();
    final Map<Integer, AdapterEvent> trained = new TreeMap<>(); // those that name their samples
    private final TreeMap<Integer, Double> stepSeconds = new TreeMap<>();
    private final Set<String> keptIds = new HashSet<>();
    private final Set<String> promptIds = new HashSet<>();
    private Optional<AdapterEvent> last = Optional.empty(); // nothing after this version counts
    Optional<AdapterEvent> current = Optional.empty();
    Optional<RunSettings> settings = Optional.empty();
    Optional<RunStatus> status = Optional.empty();
    long candidates;
    long failed;
    double candidateSeconds;

    private RunRecord(String run) {
        this.run = run;
    }

    /**
     * Reads the topics up to their present end.
     *
     * @param last picks the version after which nothing counts, from those that were read; asked
     *     only where there are any
     * @param faults gets one line for each record that cannot be read
     */
    static RunRecord read(
            Connection connection,
            String run,
            Function<RunRecord, Optional<AdapterEvent>> last,
            Consumer<String> faults) {
        var record = new RunRecord(run);
        var t = connection.topics();
        TopicLog.forEach(connection, t.adapterHistory(), record::add, faults);
        TopicLog.forEach(connection, t.adapters(), record::addCurrent, faults);
        if (!record.versions.isEmpty()) {
            record.upTo(last.apply(record));
        }
        TopicLog.forEach(connection, t.candidates(), record::add, faults);
        TopicLog.forEach(connection, t.curated(), record::add, faults);
        TopicLog.forEach(connection, t.trainingSteps(), record::add, faults);
        TopicLog.forEach(connection, t.evaluations(), record::add, faults);
        TopicLog.forEach(connection, t.runs(), record::add, faults);
        TopicLog.forEach(connection, t.runStatus(), record::add, faults);
        return record;
    }

    boolean isEmpty() {
        return candidates == 0 && keptIds.isEmpty() && versions.isEmpty() && steps.isEmpty();
    }

    int prompts() {
        return promptIds.size();
    }

    /** From now on nothing counts that came after a version was trained. */
    private void upTo(Optional<AdapterEvent> version) {
        last = version;
        version.ifPresent(v -> versions.tailMap(v.getVersion(), false).clear());
    }

    private boolean isLater(int round) {
        return last.filter(v -> round > v.getRound()).isPresent();
    }

    /** Device seconds of training, those of repeated steps too. */
    double trainingSeconds() {
        return stepSeconds.values().stream().mapToDouble(s -> s).sum();
    }

    /** All that a budget of device time counts. */
    double seconds() {
        return candidateSeconds + evaluationSeconds() + trainingSeconds();
    }

    double evaluationSeconds() {
        return evaluations.values().stream().mapToDouble(Evaluation::getSeconds).sum();
    }

    private void add(Candidate c) {
        if (!ours(c.getRun()) || isLater(c.getRound())) {
            return;
        }
        candidates++;
        failed += c.getFailure() == null ? 0 : 1;
        candidateSeconds += spent(c.getSeconds());
        if (c.getFailure() == null) {
            drawn.add(c.getMi());
        }
        var s = c.getSampling();
        var form =
                "%s, %d steps, guidance %s, %d candidates a prompt, keep %d, model %s"
                        .formatted(
                                s.getScheduler(),
                                s.getNumInferenceSteps(),
                                s.getGuidanceScale(),
                                c.getCandidates(),
                                c.getKeep(),
                                RunSections.head(c.getModelDigest()));
        if (forms.size() < MAX_FORMS || forms.containsKey(form)) {
            forms.merge(form, 1L, Long::sum);
        }
    }

    private void add(CuratedSample sample) {
        if (!ours(sample.getRun()) || isLater(sample.getRound())) {
            return;
        }
        promptIds.add(sample.getPromptId() + "/" + sample.getRound());
        if (sample.getCandidateId() == null || !keptIds.add(sample.getCandidateId())) {
            return;
        }
        kept.add(sample.getMi());
        shown.add(sample);
        if (shown.size() > MAX_SHOWN) {
            shown.pollLast();
        }
    }

    private void add(TrainingStep step) {
        if (ours(step.getRun()) && last.filter(v -> step.getStep() > v.getStep()).isEmpty()) {
            steps.put(step.getStep(), step);
            stepSeconds.merge(step.getStep(), spent(step.getSeconds()), Double::sum);
        }
    }

    private void add(Evaluation evaluation) {
        if (ours(evaluation.getRun())
                && last.filter(v -> evaluation.getVersion() > v.getVersion()).isEmpty()) {
            evaluations.put(evaluation.getVersion(), evaluation);
        }
    }

    private void add(AdapterEvent event) {
        if (ours(event.getRun()) && event.getDataset() != null) {
            trained.put(event.getVersion(), event);
        }
        if (ours(event.getRun())
                && !event.getStatus().endsWith("-requested")
                && !event.getStatus().equals("checkpoint")) {
            versions.put(event.getVersion(), event);
        }
    }

    private void addCurrent(AdapterEvent event) {
        if (ours(event.getRun())) {
            current = Optional.of(event);
        }
    }

    private void add(RunSettings changed) {
        if (ours(changed.getRun())) {
            settings = Optional.of(changed);
        }
    }

    private void add(RunStatus changed) {
        if (ours(changed.getRun())) {
            status = Optional.of(changed);
        }
    }

    private static double spent(double seconds) {
        return Double.isFinite(seconds) ? Math.max(0, seconds) : 0;
    }

    private boolean ours(String name) {
        if (!name.equals(run) && otherRuns.size() < MAX_FORMS) {
            otherRuns.add(name);
        }
        return name.equals(run);
    }
}
