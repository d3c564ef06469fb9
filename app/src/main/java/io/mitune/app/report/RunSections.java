package io.mitune.app.report;

import io.mitune.app.report.Report.Grid;
import io.mitune.app.report.Report.Mark;
import io.mitune.app.report.Report.Picture;
import io.mitune.app.report.Report.Prompt;
import io.mitune.app.report.Report.Section;
import io.mitune.app.report.Report.Sheets;
import io.mitune.app.report.Report.Table;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes the page of a run from its record. Belongs to one thread. */
final class RunSections {
    static final int MAX_PROMPTS = 60;
    private static final int PICTURE_WIDTH = 208;
    private static final int SHEET_WIDTH = 1200;
    private static final double SECONDS_PER_HOUR = 3600;

    private final RunRecord run;
    private final Optional<AdapterEvent> version;
    private final RunLineage lineage;
    private final RunPictures pictures;

    /**
     * @param version the adapter that the page is about
     * @param lineage what is behind it
     */
    RunSections(
            RunRecord run,
            Optional<AdapterEvent> version,
            RunLineage lineage,
            RunPictures pictures) {
        this.run = run;
        this.version = version;
        this.lineage = lineage;
        this.pictures = pictures;
    }

    Report page() {
        var sections = new ArrayList<Section>();
        sections.add(settings());
        sections.add(sheets());
        sections.add(evaluations());
        sections.add(RunCharts.scores(run));
        sections.addAll(RunCharts.training(run));
        sections.add(curated());
        sections.add(cost());
        sections.addAll(lineage.sections(pictures));
        var title = "Run " + run.run + version.map(v -> ", adapter " + v.getVersion()).orElse("");
        return new Report(
                title,
                "%d prompts, %d candidates drawn and scored, %d kept; mean MI %s of all and %s of"
                                .formatted(
                                        run.prompts(),
                                        run.candidates,
                                        run.kept.count(),
                                        number(run.drawn.mean()),
                                        number(run.kept.mean()))
                        + " those kept.",
                sections);
    }

    private Table settings() {
        var rows = new ArrayList<List<String>>();
        run.forms.forEach((form, count) -> rows.add(List.of(form, count + " candidates")));
        version.ifPresent(
                v -> {
                    var kind = v.getUseDora() ? "DoRA" : "LoRA";
                    var size = "rank %d, alpha %s".formatted(v.getRank(), v.getAlpha());
                    rows.add(List.of(kind, size));
                    rows.add(List.of("adapted", String.join(", ", v.getTargetModules())));
                    rows.add(List.of("base model", v.getModelDigest()));
                });
        run.settings.ifPresent(
                s -> {
                    rows.add(List.of("rounds", s.getRounds() == 0 ? "no end" : "" + s.getRounds()));
                    rows.add(List.of("draw", s.getDraw()));
                    int most = s.getMaxStaleness();
                    rows.add(List.of("greatest staleness", most < 0 ? "trainer's own" : "" + most));
                });
        return new Table("Settings", "", List.of("setting", "value"), rows);
    }

    private Grid curated() {
        var byPrompt = new LinkedHashMap<String, List<CuratedSample>>();
        for (var sample : run.shown) {
            var key = sample.getPromptId() + "/" + sample.getRound();
            if (byPrompt.containsKey(key) || byPrompt.size() < MAX_PROMPTS) {
                byPrompt.computeIfAbsent(key, k -> new ArrayList<>()).add(sample);
            }
        }
        var prompts = new ArrayList<Prompt>();
        for (var samples : byPrompt.values()) {
            samples.sort(Comparator.comparingInt(CuratedSample::getRank));
            var shown = new ArrayList<Picture>();
            for (var s : samples) {
                var label = "MI %s, +%s".formatted(number(s.getMi()), number(s.getMargin()));
                pictures.get(s.getPreview(), PICTURE_WIDTH, label, Mark.BEST).ifPresent(shown::add);
            }
            prompts.add(
                    new Prompt(samples.get(0).getText(), about(samples.get(0)), shown, List.of()));
        }
        var note =
                "%d of %d prompts, those of the newest round with the widest margin first%s."
                        .formatted(
                                prompts.size(),
                                run.prompts(),
                                pictures.left() == 0
                                        ? ""
                                        : "; " + pictures.left() + " pictures are not shown");
        return new Grid("Curated", note, prompts);
    }

    private static String about(CuratedSample s) {
        return "round %d, seed %d, one of %d candidates, policy %s@%d: %s"
                .formatted(
                        s.getRound(),
                        s.getSeed(),
                        s.getCandidatesSeen(),
                        s.getPolicy(),
                        s.getPolicyVersion(),
                        s.getReason());
    }

    private Sheets sheets() {
        var sheets = new ArrayList<Picture>();
        sheet(0, "before: base model").ifPresent(sheets::add);
        version.map(AdapterEvent::getVersion)
                .filter(v -> v > 0)
                .flatMap(v -> sheet(v, "after: version " + v))
                .ifPresent(sheets::add);
        return new Sheets(
                "Before and after",
                "Validation images, the same prompts and seeds at the same places.",
                sheets);
    }

    private Optional<Picture> sheet(int number, String label) {
        return Optional.ofNullable(run.evaluations.get(number))
                .flatMap(e -> pictures.get(e.getSheet(), SHEET_WIDTH, label, Mark.NONE));
    }

    private Table evaluations() {
        var rows = new ArrayList<List<String>>();
        var base = Optional.ofNullable(run.evaluations.get(0));
        run.evaluations.forEach(
                (number, e) -> {
                    var event = Optional.ofNullable(run.versions.get(number));
                    var gain = base.map(b -> e.getMeanMi() - b.getMeanMi()).orElse(Double.NaN);
                    rows.add(
                            List.of(
                                    number == 0 ? "base model" : "version " + number,
                                    event.map(AdapterEvent::getStatus).orElse("-"),
                                    event.map(v -> "" + v.getDatasetSize()).orElse("-"),
                                    number(e.getMeanMi()) + " ± " + number(e.getStandardErrorMi()),
                                    number == 0 ? "-" : number(gain),
                                    e.getDiversity() == null ? "-" : number(e.getDiversity()),
                                    number(e.getAdapterNorm()),
                                    "" + e.getImages()));
                });
        return new Table(
                "Validation",
                "Mean MI over the validation prompts, plus or minus one standard error; gain over"
                        + " the base model.",
                List.of(
                        "",
                        "status",
                        "samples",
                        "MI",
                        "gain",
                        "diversity",
                        "weight change",
                        "images"),
                rows);
    }

    private Table cost() {
        var rows = new ArrayList<List<String>>();
        rows.add(spent("candidates", run.candidates, run.candidateSeconds));
        long images = run.evaluations.values().stream().mapToLong(e -> e.getImages()).sum();
        rows.add(spent("validation images", images, run.evaluationSeconds()));
        rows.add(spent("training steps", run.steps.size(), run.trainingSeconds()));
        rows.add(List.of("together", "", hours(run.seconds())));
        run.settings.ifPresent(
                s -> {
                    var most = s.getBudgetSamples();
                    rows.add(
                            List.of(
                                    "budget",
                                    most > 0 ? most + " candidates" : "any",
                                    s.getBudgetSeconds() > 0
                                            ? hours(s.getBudgetSeconds())
                                            : "any"));
                });
        var note = run.failed + " candidates failed. Device hours, as the workers told them.";
        return new Table("Cost", note, List.of("", "made", "GPU hours"), rows);
    }

    private static List<String> spent(String what, long made, double seconds) {
        return List.of(what, Long.toString(made), hours(seconds));
    }

    /** The beginning of a digest. */
    static String head(String digest) {
        return digest.substring(0, Math.min(12, digest.length()));
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String hours(double seconds) {
        return String.format(Locale.ROOT, "%.4f", seconds / SECONDS_PER_HOUR);
    }
}
