package io.mitune.app.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** The pages of the documentation. */
final class Docs {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<String> FIRST =
            List.of("README.md", "docs/guides", "docs/runbook.md", "docs/metrics.md", "HACKING.md");

    private Docs() {}

    /** All Markdown in the order in which its commands are executed: what users read first. */
    static List<Path> pages() throws IOException {
        var pages = new LinkedHashSet<Path>();
        for (var name : FIRST) {
            pages.addAll(below(ROOT.resolve(name), ".md"));
        }
        pages.addAll(markdown());
        return List.copyOf(pages);
    }

    /** All Markdown of the project. */
    static List<Path> markdown() throws IOException {
        return files(".md");
    }

    /** All files with this ending, without what the build and runs leave. */
    static List<Path> files(String ending) throws IOException {
        var all = new ArrayList<Path>();
        try (var tops = Files.list(ROOT)) {
            for (var top : tops.sorted().toList()) {
                var name = top.getFileName().toString();
                if (!name.startsWith(".") && !name.equals("mitune-data")) {
                    all.addAll(below(top, ending));
                }
            }
        }
        return all;
    }

    private static List<Path> below(Path top, String ending) throws IOException {
        try (var files = Files.walk(top)) {
            return files.filter(f -> f.toString().endsWith(ending))
                    .filter(f -> !f.toString().contains("/target/"))
                    .sorted()
                    .toList();
        }
    }
}
