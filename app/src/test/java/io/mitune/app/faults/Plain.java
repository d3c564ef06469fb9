package io.mitune.app.faults;

import io.mitune.schemas.serde.AvroSerde;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * A record as Avro bytes, without the registry's id: equal if and only if every byte is.
 *
 * @param bytes read-only
 */
record Plain(ByteBuffer bytes) {
    private static final int HEADER = 5;

    static {
        AvroSerde.trustOwnRecords();
    }

    static Plain of(SpecificRecord value) {
        var out = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().binaryEncoder(out, null);
        try {
            new SpecificDatumWriter<SpecificRecord>(value.getSchema()).write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Plain(ByteBuffer.wrap(out.toByteArray()));
    }

    /** The value of a topic's record. */
    static Plain ofWire(byte[] value) {
        return new Plain(ByteBuffer.wrap(value, HEADER, value.length - HEADER).slice());
    }

    /** As written by this build, so without a word to a registry. */
    <V extends SpecificRecord> V as(Class<V> type) {
        var array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        try {
            var decoder = DecoderFactory.get().binaryDecoder(array, null);
            return new SpecificDatumReader<>(type).read(null, decoder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
