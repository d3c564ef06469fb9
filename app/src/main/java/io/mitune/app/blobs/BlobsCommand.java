package io.mitune.app.blobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.TextTable;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.blobs.StoredBlob;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks after the blob store. */
@Command(
        name = "blobs",
        description = "Remove the blobs that no event names any more.",
        mixinStandardHelpOptions = true)
public final class BlobsCommand implements Runnable {
    private static final Duration LEAST_AGE = Duration.ofHours(1);
    private static final double MIB = 1 << 20;

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected gc, found none");
    }

    @Command(
            name = "gc",
            description = "Say which blobs no event names; with --delete, remove them.",
            mixinStandardHelpOptions = true)
    void gc(
            @Mixin ConnectionOptions connection,
            @Mixin BlobOptions blobs,
            @Mixin JsonOption json,
            @Option(names = "--delete", description = "Remove them.") boolean delete,
            @Option(
                            names = "--older-than",
                            paramLabel = "DURATION",
                            defaultValue = "P1D",
                            description =
                                    "Leave younger ones alone, since a blob is written before its"
                                            + " event (default: ${DEFAULT-VALUE}).")
                    Duration olderThan,
            @Option(
                            names = "--unkept-older-than",
                            paramLabel = "DURATION",
                            description =
                                    "Also those of candidates that were made so long ago and not"
                                            + " kept; recurate and preference pairs lose them.")
                    Optional<Duration> unkept,
            @Option(
                            names = "--also-prefix",
                            paramLabel = "PREFIX",
                            description =
                                    "Topic prefix of another stream with blobs in this store; may"
                                            + " be repeated.")
                    List<String> alsoPrefixes,
            @Option(
                            names = "--ignore-unreadable",
                            description =
                                    "Go on although records that cannot be read may name some.")
                    boolean ignoreUnreadable) {
        requireAge("--older-than", olderThan);
        unkept.ifPresent(age -> requireAge("--unkept-older-than", age));
        var console = Console.of(spec);
        var store = blobs.store();
        var now = Clock.systemUTC().instant();
        var connections = new ArrayList<Connection>(List.of(connection.connect()));
        Optional.ofNullable(alsoPrefixes)
                .ifPresent(all -> all.forEach(p -> connections.add(connection.connect(p))));
        var named = names(console, connections, unkept.map(now::minus), ignoreUnreadable);
        // listed after the topics were read: what was written again meanwhile is young
        var plan = Plan.of(store, named, now.minus(olderThan));
        if (json.given()) {
            JsonOption.print(console, plan.json());
        } else {
            plan.table().forEach(console::print);
        }
        if (delete) {
            var removed = Removed.from(store, plan.garbage(), now.minus(olderThan), console);
            console.print(json.given() ? removed.json().toString() : removed.toString());
        } else {
            console.remark("nothing was removed; --delete does it");
        }
    }

    private static NamedBlobs names(
            Console console,
            List<Connection> connections,
            Optional<Instant> unkeptBefore,
            boolean ignoreUnreadable) {
        var faults = new ArrayList<String>();
        var named = BlobNames.read(connections, unkeptBefore, faults::add, console);
        faults.forEach(console::remark);
        if (!faults.isEmpty() && !ignoreUnreadable) {
            throw new UserError(
                    "blobs gc: expected records that can be read, found %d others;"
                                    .formatted(faults.size())
                            + " --ignore-unreadable goes on");
        }
        return named;
    }

    private static void requireAge(String option, Duration age) {
        if (age.compareTo(LEAST_AGE) < 0) {
            throw new UserError(
                    "%s: expected %s or longer, found %s".formatted(option, LEAST_AGE, age));
        }
    }

    /** What is gone. */
    private record Removed(int blobs, long bytes, int unfinished) {
        static Removed from(
                BlobStore store, List<StoredBlob> garbage, Instant before, Console console) {
            long bytes = 0;
            try (var bar = new ProgressBar(console, "blobs gc", garbage.size(), "blobs")) {
                for (var blob : garbage) {
                    bytes += store.delete(blob) ? blob.size() : 0;
                    bar.advance(1);
                }
            }
            return new Removed(garbage.size(), bytes, store.sweep(before));
        }

        ObjectNode json() {
            var object = JsonNodeFactory.instance.objectNode().put("removed", blobs);
            return object.put("bytes", bytes).put("unfinished", unfinished);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "removed %d blobs, %.1f MiB, and %d unfinished files",
                    blobs,
                    bytes / MIB,
                    unfinished);
        }
    }

    /** What is there, by kind, and what of it may go. */
    private record Plan(TreeMap<String, long[]> kinds, List<StoredBlob> garbage) {
        private static final int BLOBS = 0;
        private static final int BYTES = 1;
        private static final int GARBAGE = 2;
        private static final int GARBAGE_BYTES = 3;

        static Plan of(BlobStore store, NamedBlobs named, Instant before) {
            var kinds = new TreeMap<String, long[]>();
            var garbage = new ArrayList<StoredBlob>();
            boolean known = false;
            try (var all = store.list()) {
                for (var blob : (Iterable<StoredBlob>) all::iterator) {
                    var kind = blob.path().substring(0, blob.path().indexOf('/'));
                    var sums = kinds.computeIfAbsent(kind, k -> new long[4]);
                    sums[BLOBS]++;
                    sums[BYTES] += blob.size();
                    boolean inUse = named.contains(blob);
                    known |= inUse;
                    if (!inUse && blob.modified().isBefore(before)) {
                        garbage.add(blob);
                        sums[GARBAGE]++;
                        sums[GARBAGE_BYTES] += blob.size();
                    }
                }
            }
            if (!garbage.isEmpty() && !known) {
                throw new UserError(
                        ("blobs gc: expected events that name blobs of %s, found none;"
                                        + " is --topic-prefix that of its stream?")
                                .formatted(store.root()));
            }
            return new Plan(kinds, garbage);
        }

        List<String> table() {
            var rows = new ArrayList<List<String>>();
            kinds.forEach(
                    (kind, sums) ->
                            rows.add(
                                    List.of(
                                            kind,
                                            Long.toString(sums[BLOBS]),
                                            mib(sums[BYTES]),
                                            Long.toString(sums[GARBAGE]),
                                            mib(sums[GARBAGE_BYTES]))));
            return TextTable.lines(List.of("kind", "blobs", "MiB", "not named", "MiB"), rows);
        }

        List<ObjectNode> json() {
            var objects = new ArrayList<ObjectNode>();
            kinds.forEach(
                    (kind, sums) ->
                            objects.add(
                                    JsonNodeFactory.instance
                                            .objectNode()
                                            .put("kind", kind)
                                            .put("blobs", sums[BLOBS])
                                            .put("bytes", sums[BYTES])
                                            .put("notNamed", sums[GARBAGE])
                                            .put("notNamedBytes", sums[GARBAGE_BYTES])));
            return objects;
        }

        private static String mib(long bytes) {
            return String.format(Locale.ROOT, "%.1f", bytes / MIB);
        }
    }
}
