package io.mitune.app.survey;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.app.evaluate.JoinedAlbum;
import io.mitune.schemas.Connection;
import io.mitune.schemas.VoteLimits;
import io.mitune.schemas.blobs.BlobStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a survey asks about: the one place where its form is chosen. Belongs to one thread. */
final class QuestionOptions {
    @Option(
            names = "--form",
            paramLabel = "FORM",
            defaultValue = "methods",
            description =
                    "methods: a picture of each --method, tick any; metrics: the pictures of --album"
                            + " that MI, BLIP-VQA and HPS rank best; pair: one of two, of two"
                            + " --method or of the best and worst candidate by MI of --run"
                            + " (default: ${DEFAULT-VALUE}).")
    private String form;

    @Option(
            names = "--method",
            paramLabel = "NAME=FOLDER",
            description =
                    "Pictures of a method, as generate writes them or named PROMPT_000000.png; may be"
                            + " repeated. RUN@VERSION=FOLDER checks that the pictures are of this"
                            + " adapter.")
    private List<String> methods = new ArrayList<>();

    @Option(
            names = "--album",
            paramLabel = "FOLDER",
            description = "Several pictures of each prompt, as generate --mi writes them.")
    private List<Path> albums = new ArrayList<>();

    @Option(
            names = "--join-blip-vqa",
            paramLabel = "FILE",
            description =
                    "vqa_result.json of BLIP-VQA, where it is not in the album; one for each album.")
    private List<Path> blipVqa = new ArrayList<>();

    @Option(
            names = "--join-hps",
            paramLabel = "FILE",
            description = "CSV file with HPS scores, as for evaluate; one for each album.")
    private List<Path> hps = new ArrayList<>();

    @Option(
            names = "--run",
            paramLabel = "RUN",
            description = "Run of the stream whose candidates are compared; form pair.")
    private Optional<String> run = Optional.empty();

    /** Reads what is asked about. */
    List<Question> read(Connection connection, BlobStore blobs, Console console) {
        if (!VoteLimits.FORMS.contains(form)) {
            throw new UserError("--form: expected methods, metrics or pair, found " + form);
        }
        requireOnly(form.equals("metrics"), "--album", !albums.isEmpty());
        requireOnly(form.equals("pair") && methods.isEmpty(), "--run", run.isPresent());
        requireOnly(
                form.equals("methods") || (form.equals("pair") && run.isEmpty()),
                "--method",
                !methods.isEmpty());
        if (form.equals("metrics")) {
            return MetricChoices.of(joined(console), console);
        }
        return run.isPresent()
                ? CandidatePairs.read(connection, blobs, run.get(), console::remark)
                : MethodFolders.read(form, methods(), console);
    }

    private List<Method> methods() {
        var read = methods.stream().map(Method::of).toList();
        var names = new LinkedHashSet<String>();
        read.forEach(method -> names.add(method.name()));
        int most = form.equals("pair") ? 2 : VoteLimits.MAX_OPTIONS;
        if (names.size() < 2 || names.size() > most) {
            throw new UserError(
                    "--method: expected 2 to %d names, found %s".formatted(most, names));
        }
        return read;
    }

    private List<JoinedAlbum> joined(Console console) {
        requireOneEach("--join-blip-vqa", blipVqa);
        requireOneEach("--join-hps", hps);
        var joined = new ArrayList<JoinedAlbum>();
        for (var i = 0; i < albums.size(); i++) {
            joined.add(JoinedAlbum.read(albums.get(i), at(blipVqa, i), at(hps, i), console));
        }
        return joined;
    }

    private void requireOneEach(String option, List<Path> files) {
        if (!files.isEmpty() && files.size() != albums.size()) {
            throw new UserError(
                    "%s: expected one for each --album, %d, found %d"
                            .formatted(option, albums.size(), files.size()));
        }
    }

    private static Optional<Path> at(List<Path> files, int i) {
        return files.isEmpty() ? Optional.empty() : Optional.of(files.get(i));
    }

    private void requireOnly(boolean wanted, String option, boolean given) {
        if (wanted != given) {
            throw new UserError(
                    "--form %s: expected %s%s, found %s"
                            .formatted(form, wanted ? "" : "no ", option, given ? "one" : "none"));
        }
    }
}
