package io.mitune.app.cli;

import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Turns any failure into the one line that the user reads, and into the exit code.
 *
 * <p>The trace is for {@code --verbose}: a user who mistyped a path needs the path. Text from
 * outside (prompts, file names, servers) may hold control characters and megabytes, so the line is
 * cleaned and cut. Stateless.
 */
public final class ErrorLine {
    private static final int MAX_CHARS = 600;
    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;

    private ErrorLine() {}

    /** The failure of a running command. */
    public static int onFailure(Exception failure, CommandLine line, ParseResult parsed) {
        var err = line.getErr();
        err.println(prefix(line) + RefusedAccess.in(failure, line).orElseGet(() -> of(failure)));
        if (Verbosity.isOn(parsed)) {
            failure.printStackTrace(err);
        }
        err.flush();
        return isInterrupt(failure) ? INTERRUPTED : FAILED;
    }

    /** A command line that could not be parsed. */
    public static int onUsage(ParameterException failure, String[] args) {
        var line = failure.getCommandLine();
        var err = line.getErr();
        var help = line.getCommandSpec().qualifiedName(" ") + " --help";
        err.println(prefix(line) + clean(CommandHints.of(failure)) + "; see " + help);
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    /** The one line that names this failure. */
    public static String of(Throwable failure) {
        var cause = unwrap(failure);
        if (cause instanceof OutOfMemoryError) {
            return "memory: the Java heap is full; raise it with MITUNE_JAVA_OPTS=-Xmx2g";
        }
        if (cause instanceof ConfigException wrong) {
            return clean("kafka: " + wrong.getMessage())
                    + "; see --bootstrap-server, --kafka and --kafka-config";
        }
        if (cause instanceof FileSystemException file) {
            return clean(file(file));
        }
        if (cause instanceof FileNotFoundException || hasOwnLine(cause)) {
            return clean(cause.getMessage());
        }
        var where = cause.getStackTrace().length == 0 ? "" : " at " + cause.getStackTrace()[0];
        var message = cause.getMessage() == null ? "" : ": " + cause.getMessage();
        return clean(cause.getClass().getSimpleName() + message + where)
                + "; this is a bug or a lost device, --verbose shows the trace";
    }

    /** Control characters become spaces and the end of a very long text is cut. */
    public static String clean(String text) {
        var cut = text.length() > MAX_CHARS ? text.substring(0, MAX_CHARS) + " ..." : text;
        return cut.strip().replaceAll("\\R\\s*", " | ").replaceAll("\\p{Cntrl}", " ");
    }

    private static String prefix(CommandLine line) {
        return line.getCommandSpec().qualifiedName(" ") + ": ";
    }

    private static Throwable unwrap(Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null
                && (cause instanceof UncheckedIOException
                        || cause instanceof ExecutionException
                        || cause instanceof CompletionException
                        || isUnmadeClient(cause)
                        || cause.getClass() == RuntimeException.class)) {
            cause = cause.getCause();
        }
        return cause;
    }

    /**
     * Kafka's clients say of wrong settings only that they could not be made; the cause says why.
     * But for one about a setting by its name it may quote secrets, as of a broken
     * sasl.jaas.config.
     */
    private static boolean isUnmadeClient(Throwable failure) {
        return failure.getClass() == KafkaException.class
                && failure.getCause() instanceof ConfigException
                && String.valueOf(failure.getMessage()).startsWith("Failed to c");
    }

    private static boolean hasOwnLine(Throwable cause) {
        if (cause.getMessage() == null || cause.getMessage().isBlank()) {
            return false;
        }
        return !(cause instanceof NullPointerException
                || cause instanceof IndexOutOfBoundsException
                || cause instanceof ClassCastException
                || cause instanceof CharacterCodingException
                || cause instanceof NumberFormatException);
    }

    private static String file(FileSystemException failure) {
        var path = failure.getFile();
        if (failure instanceof NoSuchFileException) {
            return path + ": no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return path + ": permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return path + ": expected a new file or a folder, found something else there";
        }
        if (failure instanceof NotDirectoryException) {
            return path + ": expected a folder, found a file";
        }
        return path + ": " + (failure.getReason() == null ? failure : failure.getReason());
    }

    private static boolean isInterrupt(Throwable failure) {
        return unwrap(failure) instanceof InterruptedException;
    }
}
