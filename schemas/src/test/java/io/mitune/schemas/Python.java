package io.mitune.schemas;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A Python with Confluent's client: {@code MITUNE_PYTHON} or python3. Tests need one to run. */
final class Python implements ExecutionCondition {
    private static final String MODULES = "import confluent_kafka.schema_registry.avro";

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        try {
            run(List.of("-c", MODULES));
            return ConditionEvaluationResult.enabled("Confluent's client is there");
        } catch (IOException e) {
            return ConditionEvaluationResult.disabled(
                    "needs python3 (or MITUNE_PYTHON) with tools/python-client/requirements.txt");
        }
    }

    /** What the call printed; an error when it failed. */
    static String run(List<?> arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(Optional.ofNullable(System.getenv("MITUNE_PYTHON")).orElse("python3"));
        arguments.forEach(argument -> command.add(argument.toString()));
        Path out = Files.createTempFile("python", ".out");
        Path err = Files.createTempFile("python", ".err");
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(command + ": " + Files.readString(err));
            }
            return Files.readString(out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
