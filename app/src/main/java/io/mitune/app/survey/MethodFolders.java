package io.mitune.app.survey;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.app.evaluate.AlbumImage;
import io.mitune.app.evaluate.AlbumRows;
import io.mitune.app.generate.ImageNames;
import io.mitune.schemas.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * Questions between folders of pictures, one folder or more for each method.
 *
 * <p>Prompts are joined by what file names keep of them, so that pictures of other programs can
 * take part; each method shows its first picture of a prompt. A prompt that some method lacks is
 * not asked. Stateless.
 */
final class MethodFolders {
    private static final Pattern NAME = Pattern.compile("(.+)_([0-9]{1,9})[.]png");

    private record Found(String text, String category, boolean exact, Exhibit exhibit) {}

    private MethodFolders() {}

    /** The questions, in the order of the first method's prompts. */
    static List<Question> read(String form, List<Method> methods, Console console) {
        var byMethod = new LinkedHashMap<String, Map<String, Found>>();
        for (var method : methods) {
            var pictures = byMethod.computeIfAbsent(method.name(), name -> new LinkedHashMap<>());
            pictures(method).forEach(pictures::putIfAbsent);
        }
        var questions = new ArrayList<Question>();
        var prompts = List.copyOf(byMethod.values()).get(0).keySet();
        for (var prompt : prompts) {
            var found =
                    byMethod.values().stream()
                            .map(pictures -> Optional.ofNullable(pictures.get(prompt)))
                            .flatMap(Optional::stream)
                            .toList();
            if (found.size() == byMethod.size()) {
                questions.add(question(form, found));
            }
        }
        if (questions.size() < prompts.size()) {
            console.remark(
                    "%d of %d prompts are not asked: not all methods have a picture of them"
                            .formatted(prompts.size() - questions.size(), prompts.size()));
        }
        return questions;
    }

    private static Question question(String form, List<Found> found) {
        var best = found.stream().filter(Found::exact).findFirst().orElse(found.get(0));
        return Question.of(
                form,
                Identity.textId(best.text()),
                best.text(),
                best.category(),
                found.stream().map(Found::exhibit).toList());
    }

    private static Map<String, Found> pictures(Method method) {
        var pictures = new LinkedHashMap<String, Found>();
        if (!Files.exists(method.folder().resolve(AlbumRows.FILE))) {
            plain(method).forEach(f -> pictures.putIfAbsent(f.text(), f));
            return pictures;
        }
        for (var image : AlbumRows.readUnscored(method.folder())) {
            requireVersion(method, image);
            if (image.fileName().endsWith(".png")) {
                pictures.putIfAbsent(ImageNames.readable(image.prompt()), drawn(method, image));
            }
        }
        return pictures;
    }

    private static void requireVersion(Method method, AlbumImage image) {
        method.version()
                .filter(v -> !v.run().equals(image.run()) || v.number() != image.adapterVersion())
                .ifPresent(
                        v -> {
                            throw new UserError(
                                    "%s: expected pictures of adapter %s@%d, found %s"
                                            .formatted(
                                                    method.folder(),
                                                    v.run(),
                                                    v.number(),
                                                    image.run().isEmpty()
                                                            ? "others"
                                                            : image.run()
                                                                    + "@"
                                                                    + image.adapterVersion()));
                        });
    }

    private static Found drawn(Method method, AlbumImage image) {
        var exhibit = Exhibit.of(method.name(), image);
        return new Found(image.prompt(), image.category(), true, exhibit);
    }

    /** Files alone, in the order of their numbers. */
    private static List<Found> plain(Method method) {
        var samples = method.folder().resolve("samples");
        var folder = Files.isDirectory(samples) ? samples : method.folder();
        var byNumber = new LinkedHashMap<Path, Integer>();
        try (var files = Files.list(folder)) {
            for (var file : files.sorted().toList()) {
                var name = NAME.matcher(file.getFileName().toString());
                if (name.matches()) {
                    byNumber.put(file, Integer.parseInt(name.group(2)));
                }
            }
            var found = new ArrayList<Found>();
            var inOrder = byNumber.entrySet().stream().sorted(Map.Entry.comparingByValue());
            for (var file : inOrder.map(Map.Entry::getKey).toList()) {
                found.add(plain(method, file));
            }
            if (found.isEmpty()) {
                throw new UserError(
                        "%s: expected %s or files named PROMPT_000000.png, found neither"
                                .formatted(method.folder(), AlbumRows.FILE));
            }
            return found;
        } catch (IOException e) {
            throw new UserError(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Found plain(Method method, Path file) throws IOException {
        var name = NAME.matcher(file.getFileName().toString());
        if (!name.matches()) {
            throw new IllegalArgumentException(file + " was listed by its name");
        }
        var identity =
                List.of("file", method.name(), name.group(), Long.toString(Files.size(file)));
        var exhibit =
                new Exhibit(
                        method.name(),
                        Optional.empty(),
                        "",
                        0,
                        OptionalDouble.empty(),
                        Lots.draw(identity),
                        PictureFiles.at(file));
        return new Found(name.group(1), "", false, exhibit);
    }
}
