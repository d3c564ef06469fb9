package io.mitune.app.evaluate;

import io.mitune.app.cli.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Pictures that {@code generate} drew before, and what other scorers made of them. */
final class AlbumOptions {
    /** Counts as a help option for picocli, which then does without the required --model. */
    @SuppressWarnings("deprecation")
    @Option(
            names = "--album",
            paramLabel = "[NAME=]DIR",
            help = true,
            description = {
                "Evaluate pictures that generate --mi drew, without a model; may be repeated. Folders"
                        + " of one NAME are taken together, those of others are compared.",
                "Results that T2I-CompBench's tools left in the folder are joined."
            })
    private List<String> albums = new ArrayList<>();

    @Option(
            names = "--join-blip-vqa",
            paramLabel = "[NAME=]FILE",
            description = "vqa_result.json of BLIP-VQA, where it is not in the album.")
    private List<String> blipVqa = new ArrayList<>();

    @Option(
            names = "--join-hps",
            paramLabel = "[NAME=]FILE",
            description =
                    "CSV with a head and columns for the image (image, file_name, question_id,"
                            + " ...) and its score (hps, score, ...).")
    private List<String> hps = new ArrayList<>();

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "Write one row an image with all its scores; with --album.")
    private Optional<Path> csv = Optional.empty();

    /** A file or folder, and the arm that it belongs to if that was said. */
    record Named(Optional<String> name, Path path) {
        static Named of(String text) {
            var end = text.matches("[A-Za-z0-9._@-]+=.+") ? text.indexOf('=') : -1;
            return new Named(
                    end < 0 ? Optional.empty() : Optional.of(text.substring(0, end)),
                    Path.of(text.substring(end + 1)));
        }

        /** The given name, or the folder's own. */
        String title() {
            return name.orElseGet(() -> path.toAbsolutePath().normalize().getFileName().toString());
        }
    }

    /** Whether pictures are there already. */
    boolean given() {
        if (albums.isEmpty() && (!blipVqa.isEmpty() || !hps.isEmpty() || csv.isPresent())) {
            throw new UserError(
                    "--join-blip-vqa, --join-hps and --csv: expected an --album, found none");
        }
        return !albums.isEmpty();
    }

    List<Named> albums() {
        return albums.stream().map(Named::of).toList();
    }

    List<Named> blipVqa() {
        return blipVqa.stream().map(Named::of).toList();
    }

    List<Named> hps() {
        return hps.stream().map(Named::of).toList();
    }

    Optional<Path> csv() {
        return csv;
    }
}
