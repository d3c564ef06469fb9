package io.mitune.app.tensorboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The golden file was written by TensorBoard's own RecordWriter and protobuf classes: a file
 * version at time 0.5, and two values at steps 1, 2 and 300.
 */
class EventRecordTest {
    private static final double START = 1_700_000_000.25;

    @Test
    void theSameBytesAsTensorBoardsOwnWriter() throws IOException {
        var out = new ByteArrayOutputStream();
        RecordFraming.write(out, EventRecord.fileVersion(0.5));
        for (var event : events()) {
            RecordFraming.write(out, event.bytes());
        }
        assertArrayEquals(golden(), out.toByteArray());
    }

    @Test
    void itsFilesCanBeRead() throws IOException {
        assertEquals(events(), read(golden()));
    }

    @Test
    void aTornEndAndAFlippedBitEndTheReading() throws IOException {
        var whole = golden();
        assertEquals(events().subList(0, 2), read(Arrays.copyOf(whole, whole.length - 1)));
        whole[whole.length - 20] ^= 1;
        assertEquals(events().subList(0, 2), read(whole));
    }

    @Test
    void everyCutMessageIsAnErrorOrAShorterOne() {
        var bytes = events().get(0).bytes();
        for (var length = 1; length < bytes.length; length++) {
            var cut = Arrays.copyOf(bytes, length);
            if (length != 9 && length != 11) { // after the time, after the step
                assertThrows(IllegalArgumentException.class, () -> EventRecord.of(cut));
            }
        }
    }

    private static List<EventRecord> events() {
        var events = new ArrayList<EventRecord>();
        for (var step : List.of(1, 2, 300)) {
            var values = new LinkedHashMap<String, Float>();
            values.put("train/loss", (float) (1.0 / step));
            values.put("train/learning_rate", 1e-4f);
            events.add(new EventRecord(START + step, step, values));
        }
        return events;
    }

    /** What has values. */
    private static List<EventRecord> read(byte[] file) throws IOException {
        var in = new DataInputStream(new ByteArrayInputStream(file));
        var events = new ArrayList<EventRecord>();
        for (var next = RecordFraming.read(in); next.isPresent(); next = RecordFraming.read(in)) {
            events.add(EventRecord.of(next.get()));
        }
        events.removeIf(event -> event.values().isEmpty());
        return events;
    }

    private static byte[] golden() throws IOException {
        try (var in = EventRecordTest.class.getResourceAsStream("golden.tfevents")) {
            return in.readAllBytes();
        }
    }
}
