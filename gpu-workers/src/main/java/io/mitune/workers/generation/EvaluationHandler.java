package io.mitune.workers.generation;

import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.SamplingRequest.Entry;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.EvaluationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.LogContext;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.workers.queue.Emitter;
import io.mitune.workers.queue.Outcome;
import io.mitune.workers.queue.TaskHandler;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws the validation images of one adapter version and scores them.
 *
 * <p>Seeds depend on the task's seed, the prompt's place and text and the image's number, never on
 * the version: images of two versions pair up, and their difference is the adapter's doing. Used by
 * the device's thread.
 */
public final class EvaluationHandler implements TaskHandler<EvaluationTask, Evaluation> {
    private static final Logger log = LoggerFactory.getLogger(EvaluationHandler.class);

    private final Workbench bench;
    private final boolean sheets;

    /**
     * @param sheets whether to draw a contact sheet of the images
     */
    public EvaluationHandler(Workbench bench, boolean sheets) {
        this.bench = bench;
        this.sheets = sheets;
    }

    @Override
    public Outcome handle(EvaluationTask task, Emitter<Evaluation> out) {
        return LogContext.of(task.getRun(), () -> work(task, out));
    }

    private Outcome work(EvaluationTask task, Emitter<Evaluation> out) {
        DrawPlan plan;
        try {
            plan = plan(task);
            bench.useAdapter(Optional.ofNullable(task.getAdapter()));
        } catch (IllegalArgumentException | ArithmeticException | BlobException e) {
            return Outcome.rejected("evaluation " + task.getTaskId() + ": " + e.getMessage());
        }
        int images = images(task);
        var scores = new Scores(task.getPrompts().size(), task.getImagesPerPrompt());
        var diversity = new Diversity(task.getPrompts().size(), task.getImagesPerPrompt());
        var sheet = new Sheet(task, sheets ? Optional.of(generator()::decode) : Optional.empty());
        bench.listener()
                .started(task.getTaskId(), "evaluation of version " + task.getVersion(), images);
        new Drawing(generator()::generate, bench.device(), bench.listener(), task.getTaskId(), out)
                .run(
                        plan,
                        images,
                        (from, end) -> entries(task, from, end),
                        sink(scores, diversity, sheet));
        var evaluation = evaluation(task, scores, diversity.mean(), sheet.store(bench.blobs()));
        out.emit(task.getRun() + "/" + task.getVersion(), evaluation);
        bench.listener().finished(task.getTaskId(), images, scores.seconds());
        log.info(
                "{}: version {}: mean MI {} +- {}, finite {}, weight change {}",
                task.getRun(),
                task.getVersion(),
                "%.4f".formatted(evaluation.getMeanMi()),
                "%.4f".formatted(evaluation.getStandardErrorMi()),
                evaluation.getFinite(),
                "%.4f".formatted(evaluation.getAdapterNorm()));
        return Outcome.done();
    }

    private DrawPlan plan(EvaluationTask task) {
        if ((task.getVersion() == 0) != (task.getAdapter() == null)) {
            throw new IllegalArgumentException(
                    "adapter: expected a file for version %d, found %s"
                            .formatted(
                                    task.getVersion(), task.getAdapter() == null ? "none" : "one"));
        }
        return DrawPlan.of(
                bench.model().base(), task.getSampling(), images(task), task.getMicroBatch());
    }

    private static int images(EvaluationTask task) {
        return Math.multiplyExact(task.getPrompts().size(), task.getImagesPerPrompt());
    }

    private ImageGenerator generator() {
        return bench.model().generator();
    }

    private static List<Entry> entries(EvaluationTask task, int from, int end) {
        var entries = new ArrayList<Entry>();
        for (int i = from; i < end; i++) {
            int place = i / task.getImagesPerPrompt();
            String text = task.getPrompts().get(place);
            String promptId = Identity.promptId("evaluation", place, text);
            long seed =
                    Identity.candidateSeed(task.getSeed(), promptId, i % task.getImagesPerPrompt());
            entries.add(new Entry(text, Optional.empty(), seed));
        }
        return entries;
    }

    /** The sheet first: what does not fit the device's memory there comes again. */
    static Drawing.Sink sink(Scores scores, Diversity diversity, Sheet sheet) {
        return (first, samples, seconds) -> {
            sheet.add(first, samples);
            scores.add(first, samples, seconds);
            int place = first;
            for (var sample : samples.samples()) {
                diversity.add(place++, sample.latents(), sample.finite());
            }
        };
    }

    private Evaluation evaluation(
            EvaluationTask task, Scores scores, OptionalDouble diversity, Optional<BlobRef> sheet) {
        double norm = bench.model().adapterChange();
        return Evaluation.newBuilder()
                .setRun(task.getRun())
                .setVersion(task.getVersion())
                .setRound(task.getRound())
                .setImages(images(task))
                .setPromptMi(scores.byPrompt())
                .setMeanMi(scores.mean())
                .setStandardErrorMi(scores.standardError())
                .setFinite(scores.allFinite() && Double.isFinite(norm))
                .setAdapterNorm(norm)
                .setDiversity(diversity.isPresent() ? diversity.getAsDouble() : null)
                .setSheet(sheet.orElse(null))
                .setModelDigest(bench.model().digest())
                .setWorker(bench.worker())
                .setSeconds(scores.seconds())
                .setCreatedAt(Instant.now(Clock.systemUTC()))
                .build();
    }
}
