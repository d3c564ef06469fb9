package io.mitune.schemas.serde;

import io.mitune.schemas.BlobRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Avro values in Confluent's wire format: byte 0, schema id as a big-endian int, Avro binary.
 *
 * <p>So that every tool that knows a schema registry can read the topics. A value is written under
 * the subject TOPIC-value and read with its writer's schema resolved to the class's own. Null is a
 * tombstone. Bad bytes are a {@link SerializationException} that names topic and schema id; a
 * registry that does not answer is a {@link RegistryUnavailableException}. Thread-safe.
 */
public final class AvroSerde<V extends SpecificRecord> implements Serde<V> {
    private static final int HEADER = 1 + Integer.BYTES;

    static {
        ClassSecurityPredicate ours =
                type ->
                        SpecificRecord.class.isAssignableFrom(type)
                                && type.getPackage() == BlobRef.class.getPackage();
        ClassSecurityValidator.setGlobal(
                ClassSecurityValidator.composite(ClassSecurityValidator.getGlobal(), ours));
    }

    private final SchemaRegistryClient registry;
    private final SpecificData data;
    private final Schema own;
    private final Schema published;
    private final DatumWriter<V> writer;
    private final Map<Schema, DatumReader<V>> readers = new ConcurrentHashMap<>();

    private AvroSerde(SchemaRegistryClient registry, Class<V> type) {
        this.registry = registry;
        data = SpecificData.getForClass(type);
        own = data.getSchema(type);
        published = PlainSchema.of(own);
        writer = new SpecificDatumWriter<>(own, data);
    }

    /**
     * Avro instantiates only classes that the program vouches for, also when it copies a record:
     * makes sure that ours are among them.
     */
    public static void trustOwnRecords() {
        // done once, when this class is loaded
    }

    /** The serde of one record class. */
    public static <V extends SpecificRecord> AvroSerde<V> of(
            SchemaRegistryClient registry, Class<V> type) {
        return new AvroSerde<>(registry, type);
    }

    @Override
    public Serializer<V> serializer() {
        return (topic, value) -> value == null ? null : write(topic, value);
    }

    @Override
    public Deserializer<V> deserializer() {
        return (topic, bytes) -> bytes == null ? null : read(topic, bytes);
    }

    private byte[] write(String topic, V value) {
        var target = registry.forWriting(topic + "-value", published);
        try {
            var out = new ByteArrayOutputStream(512);
            out.write(ByteBuffer.allocate(HEADER).put((byte) 0).putInt(target.id()).array());
            if (target.schema().equals(published)) {
                encode(writer, value, out);
            } else {
                encodeAs(target.schema(), value, out);
            }
            return out.toByteArray();
        } catch (IOException | RuntimeException e) {
            throw new SerializationException(
                    "topic %s: cannot write a %s with schema id %d: %s"
                            .formatted(topic, own.getName(), target.id(), oneLine(e)),
                    e);
        }
    }

    /** Writes by way of the class's own schema, so that fields are matched by name. */
    private void encodeAs(Schema target, V value, ByteArrayOutputStream out) throws IOException {
        var bytes = new ByteArrayOutputStream(512);
        encode(writer, value, bytes);
        var decoder = DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null);
        Object generic = new GenericDatumReader<>(own, target).read(null, decoder);
        encode(new GenericDatumWriter<>(target), generic, out);
    }

    private static <T> void encode(DatumWriter<T> writer, T value, ByteArrayOutputStream out)
            throws IOException {
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        writer.write(value, encoder);
        encoder.flush();
    }

    private V read(String topic, byte[] bytes) {
        if (bytes.length < HEADER || bytes[0] != 0) {
            throw new SerializationException(
                    "topic %s: expected byte 0 and a schema id (Confluent wire format), found %s"
                            .formatted(topic, beginning(bytes)));
        }
        int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
        try {
            Schema writer = registry.byId(id);
            DatumReader<V> reader =
                    readers.computeIfAbsent(writer, w -> new SpecificDatumReader<>(w, own, data));
            BinaryDecoder decoder =
                    DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, null);
            V value = reader.read(null, decoder);
            if (!decoder.isEnd()) {
                throw new IOException("expected the end of the record, found more bytes");
            }
            return value;
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new SerializationException(
                    "topic %s: cannot read a %s with schema id %d from %d bytes: %s"
                            .formatted(topic, own.getName(), id, bytes.length, oneLine(e)),
                    e);
        }
    }

    private static String beginning(byte[] bytes) {
        if (bytes.length < HEADER) {
            return bytes.length + " bytes";
        }
        return "first byte " + (bytes[0] & 0xff);
    }

    private static String oneLine(Throwable e) {
        return SchemaRegistryClient.oneLine(e);
    }
}
