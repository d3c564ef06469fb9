package io.mitune.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.mitune.app.cli.OfficialNames;
import io.mitune.schemas.Connection;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** Runs the command line in the test's process, as a user would type it. */
public final class CommandLineRunner {
    private CommandLineRunner() {}

    /** What one command line did. */
    public record Result(int code, String out, String err) {
        /** Asserts success and returns itself. */
        public Result ok() {
            assertEquals(0, code, err);
            return this;
        }

        /** Asserts a failure that is told in one line, without a trace, and returns that line. */
        public String failedInOneLine() {
            assertNotEquals(0, code, out);
            assertEquals(1, err.lines().count(), err);
            return err.strip();
        }
    }

    /** Runs {@code mitune args...}. */
    public static Result run(Object... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        var words = new String[args.length];
        for (var i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        var line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        var code = line.execute(OfficialNames.toOurs(words));
        return new Result(code, out.toString(), err.toString());
    }

    /** Runs {@code mitune words...} against this cluster, with its topic prefix. */
    public static Result on(Connection to, Object... words) {
        var args = new ArrayList<Object>(List.of(words));
        args.addAll(List.of("--bootstrap-server", to.bootstrapServers()));
        args.addAll(List.of("--schema-registry-url", to.schemaRegistryUrl()));
        args.addAll(List.of("--topic-prefix", to.topics().prefix()));
        return run(args.toArray());
    }
}
