package io.mitune.app.tensorboard;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Steps through the fields of a protobuf message.
 *
 * <p>A message that ends too early, or has a field longer than itself, is an error and never a
 * large allocation. Belongs to one thread.
 */
final class ProtoFields {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED_32 = 5;
    private static final int MAX_SHIFT = 63;

    private final ByteBuffer in;
    private int key;
    private long number;
    private byte[] bytes = {};

    ProtoFields(byte[] message) {
        in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes to the next field; false at the end. */
    boolean next() {
        if (!in.hasRemaining()) {
            return false;
        }
        try {
            key = Math.toIntExact(varint());
            switch (key & 7) {
                case VARINT -> number = varint();
                case FIXED_64 -> number = in.getLong();
                case FIXED_32 -> number = in.getInt();
                case LENGTH -> bytes = take(varint());
                default -> throw new IllegalArgumentException("protobuf wire type " + (key & 7));
            }
        } catch (BufferUnderflowException | ArithmeticException e) {
            throw new IllegalArgumentException("protobuf message that ends too early", e);
        }
        return true;
    }

    /** Field number and wire type, as they are written. */
    int key() {
        return key;
    }

    /** Its value, or its bits, unless it has a length. */
    long number() {
        return number;
    }

    /** Its value, if it has a length. */
    byte[] bytes() {
        return bytes;
    }

    private byte[] take(long length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        var taken = new byte[(int) length];
        in.get(taken);
        return taken;
    }

    private long varint() {
        long value = 0;
        for (var shift = 0; shift <= MAX_SHIFT; shift += 7) {
            var next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new ArithmeticException("varint of more than 10 bytes");
    }
}
