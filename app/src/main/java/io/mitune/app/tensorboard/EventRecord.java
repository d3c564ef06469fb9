package io.mitune.app.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Numbers of one step, as TensorBoard's protobuf message {@code Event}.
 *
 * <p>Five fields of two messages are all that it takes, so they are written by hand: no generated
 * code, no library. All numbers of a step are one record, so that a file which is cut off holds a
 * step whole or not at all. Immutable.
 *
 * @param wallSeconds when it happened, seconds since 1970
 * @param step place on the x axis
 * @param values by tag, such as train/loss
 */
record EventRecord(double wallSeconds, long step, Map<String, Float> values) {
    private static final String VERSION = "brain.Event:2";
    private static final int WALL_TIME = 1 << 3 | 1; // field number and wire type
    private static final int STEP = 2 << 3;
    private static final int FILE_VERSION = 3 << 3 | 2;
    private static final int SUMMARY = 5 << 3 | 2;
    private static final int VALUE = 1 << 3 | 2;
    private static final int TAG = 1 << 3 | 2;
    private static final int SIMPLE_VALUE = 2 << 3 | 5;

    /** The message that every file begins with. */
    static byte[] fileVersion(double wallSeconds) {
        var out = new ByteArrayOutputStream();
        putTime(out, wallSeconds);
        putBytes(out, FILE_VERSION, VERSION.getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    byte[] bytes() {
        var summary = new ByteArrayOutputStream();
        values.forEach(
                (tag, number) -> {
                    var value = new ByteArrayOutputStream();
                    putBytes(value, TAG, tag.getBytes(StandardCharsets.UTF_8));
                    value.write(SIMPLE_VALUE);
                    value.writeBytes(little(Float.BYTES).putFloat(number).array());
                    putBytes(summary, VALUE, value.toByteArray());
                });
        var out = new ByteArrayOutputStream();
        putTime(out, wallSeconds);
        if (step != 0) { // proto3 leaves out zeros
            out.write(STEP);
            putNumber(out, step);
        }
        putBytes(out, SUMMARY, summary.toByteArray());
        return out.toByteArray();
    }

    /**
     * Reads such a message, whoever wrote it; other fields are passed over.
     *
     * @throws IllegalArgumentException where it is no message
     */
    static EventRecord of(byte[] bytes) {
        var fields = new ProtoFields(bytes);
        double wallSeconds = 0;
        long step = 0;
        var values = new LinkedHashMap<String, Float>();
        while (fields.next()) {
            switch (fields.key()) {
                case WALL_TIME -> wallSeconds = Double.longBitsToDouble(fields.number());
                case STEP -> step = fields.number();
                case SUMMARY -> readSummary(new ProtoFields(fields.bytes()), values);
                default -> {}
            }
        }
        return new EventRecord(wallSeconds, step, values);
    }

    private static void readSummary(ProtoFields summary, Map<String, Float> values) {
        while (summary.next()) {
            if (summary.key() != VALUE) {
                continue;
            }
            var value = new ProtoFields(summary.bytes());
            var tag = "";
            float number = Float.NaN;
            while (value.next()) {
                switch (value.key()) {
                    case TAG -> tag = new String(value.bytes(), StandardCharsets.UTF_8);
                    case SIMPLE_VALUE -> number = Float.intBitsToFloat((int) value.number());
                    default -> {}
                }
            }
            values.put(tag, number);
        }
    }

    private static void putTime(ByteArrayOutputStream out, double wallSeconds) {
        out.write(WALL_TIME);
        out.writeBytes(little(Double.BYTES).putDouble(wallSeconds).array());
    }

    private static void putBytes(ByteArrayOutputStream out, int key, byte[] bytes) {
        out.write(key);
        putNumber(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void putNumber(ByteArrayOutputStream out, long number) {
        for (var left = number; ; left >>>= 7) {
            if ((left & ~0x7fL) == 0) {
                out.write((int) left);
                return;
            }
            out.write((int) (left & 0x7f | 0x80));
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
