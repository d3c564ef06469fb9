package io.mitune.app.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.TrainingStep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunEventsTest {
    @TempDir Path folder;

    @Test
    void stepsAndVersionsComeOnceThoughBothAreToldAgain() throws IOException {
        try (var run = new RunEvents(folder)) {
            for (var step = 1; step <= 5; step++) {
                run.add(step(step));
            }
            run.add(judged(0));
            run.add(step(4)); // again, from a checkpoint
        }
        try (var run = new RunEvents(folder)) { // the log is read again
            for (var step = 1; step <= 7; step++) {
                run.add(step(step));
            }
            run.add(judged(0));
            run.add(judged(1));
        }
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L), steps("train/loss"));
        assertEquals(List.of(0L, 1L), steps("eval/mean_mi"));
    }

    @Test
    void whatAKilledProcessLeftIsGoneOnWith() throws IOException {
        try (var run = new RunEvents(folder)) {
            run.add(step(1));
            run.add(step(2));
        }
        var file = folder.resolve("events.out.tfevents.0000000001.mitune");
        var bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
        try (var run = new RunEvents(folder)) {
            run.add(step(1));
            run.add(step(2));
            run.add(step(3));
        }
        assertEquals(List.of(1L, 2L, 3L), steps("train/loss"));
    }

    @Test
    void nothingNewMakesNoFile() throws IOException {
        try (var run = new RunEvents(folder)) {
            run.flush();
        }
        try (var files = Files.list(folder)) {
            assertTrue(files.noneMatch(f -> f.toString().contains("tfevents")));
        }
    }

    @Test
    void oneWriterAtATime() {
        try (var run = new RunEvents(folder)) {
            run.flush();
            assertThrows(UserError.class, () -> new RunEvents(folder));
        }
        new RunEvents(folder).close();
    }

    /** Checks the frames of a file by themselves, without the code that made them. */
    @Test
    void framesAreWhole() throws IOException {
        try (var run = new RunEvents(folder)) {
            run.add(step(1));
            run.add(step(2));
        }
        var file = folder.resolve("events.out.tfevents.0000000001.mitune");
        var in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        var records = 0;
        while (in.hasRemaining()) {
            var start = in.position();
            var length = (int) in.getLong();
            assertEquals(masked(in, start, Long.BYTES), in.getInt());
            var data = in.position();
            in.position(data + length);
            assertEquals(masked(in, data, length), in.getInt());
            records++;
        }
        assertEquals(3, records);
    }

    private static int masked(ByteBuffer in, int from, int length) {
        var crc = new CRC32C();
        crc.update(in.array(), from, length);
        long c = crc.getValue();
        return (int) (((c >>> 15 | c << 17) & 0xffffffffL) + 0xa282ead8L);
    }

    private List<Long> steps(String tag) {
        var steps = new ArrayList<Long>();
        try (var events = new EventFolder(folder)) {
            events.read(
                    event -> {
                        if (event.values().containsKey(tag)) {
                            steps.add(event.step());
                        }
                    });
        }
        return steps;
    }

    private static TrainingStep step(int step) {
        return TrainingStep.newBuilder()
                .setRun("r")
                .setRound(1)
                .setStep(step)
                .setLoss(step == 3 ? Double.NaN : 1.0 / step)
                .setGradientNorm(0.5)
                .setLearningRate(1e-4)
                .setSamplesPerSecond(30)
                .setSamples(step * 32L)
                .setSkippedSteps(0)
                .setStaleness(0)
                .setCreatedAt(Instant.ofEpochSecond(1_700_000_000 + step))
                .build();
    }

    private static Evaluation judged(int version) {
        return Evaluation.newBuilder()
                .setRun("r")
                .setVersion(version)
                .setRound(version)
                .setImages(8)
                .setPromptMi(List.of(1.0))
                .setMeanMi(1.5)
                .setStandardErrorMi(0.1)
                .setFinite(true)
                .setAdapterNorm(0.01)
                .setModelDigest("")
                .setWorker("w")
                .setSeconds(1)
                .setCreatedAt(Instant.ofEpochSecond(1_700_000_100))
                .build();
    }
}
