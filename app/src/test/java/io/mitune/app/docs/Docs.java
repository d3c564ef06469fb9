package io.mitune.app.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The pages of the documentation. */
final class Docs {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<String> PAGES =
            List.of(
                    "README.md",
                    "docs/guides",
                    "docs/runbook.md",
                    "docs/metrics.md",
                    "HACKING.md",
                    "schemas/README.md");

    private Docs() {}

    /** The pages with commands to execute, in that order. */
    static List<Path> pages() throws IOException {
        var pages = new ArrayList<Path>();
        for (var name : PAGES) {
            pages.addAll(below(ROOT.resolve(name), ".md"));
        }
        return pages;
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
