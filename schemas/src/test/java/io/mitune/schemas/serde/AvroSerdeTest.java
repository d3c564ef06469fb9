package io.mitune.schemas.serde;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.embedded.EmbeddedRegistry;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Samples;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvroSerdeTest {
    private static final String TOPIC = "mitune.candidates";

    /**
     * {@link Samples#candidate} as written by Python's confluent-kafka 2.16.0 under the first
     * version of the schema, id 1.
     */
    private static final byte[] BY_PYTHON =
            HexFormat.of()
                    .parseHex(
                            "000000000148323730303438323465656138343331346463306661323032366436393236"
                                    + "61312f312f33403237303034383234656561383433313464633066613230323664363932"
                                    + "3661310864656d6f02040864656d6f2665696e206772c3bc6e65722057c3bc7266656c00"
                                    + "0a636f6c6f72068bbbb388f6cfa9dc9d011002086464706d060000000000001e40000000"
                                    + "0000000000f43f06880ee807c80100060000003f0000c03f0000e03f0006000000400000"
                                    + "404000008040000002326c6174656e74732f61622f61622e7361666574656e736f727304"
                                    + "616280100646333208020810100000000866656564047731000000000000e03ff6a1abfe"
                                    + "f962");

    @TempDir Path dir;
    private EmbeddedRegistry registry;
    private AvroSerde<Candidate> serde;

    @BeforeEach
    void start() {
        registry = EmbeddedRegistry.start(dir.resolve("registry.log"), 0);
        serde = AvroSerde.of(client(Map.of()), Candidate.class);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void writesWhatPythonWrites() throws Exception {
        registerFirstVersion();
        var latest = Map.of("auto.register.schemas", "false", "use.latest.version", "true");
        var old = AvroSerde.of(client(latest), Candidate.class).serializer();
        assertArrayEquals(BY_PYTHON, old.serialize(TOPIC, Samples.candidate()));
    }

    @Test
    void readsWhatPythonWrites() throws Exception {
        registerFirstVersion();
        assertEquals(Samples.candidate(), serde.deserializer().deserialize(TOPIC, BY_PYTHON));
    }

    private void registerFirstVersion() throws IOException {
        var file = Path.of("src/test/resources/history/Candidate/v1.avsc").toFile();
        assertEquals(
                1, client(Map.of()).register(TOPIC + "-value", new Schema.Parser().parse(file)));
    }

    @Test
    void registersTheSchemaAsItsFileHasIt() {
        write(Samples.candidate());
        String schema = client(Map.of()).latest(TOPIC + "-value").schema().toString();
        assertFalse(schema.contains("avro.java.string"), schema);
    }

    @Test
    void nullIsATombstone() {
        assertNull(serde.serializer().serialize(TOPIC, null));
        assertNull(serde.deserializer().deserialize(TOPIC, null));
    }

    @Test
    void readsWithAWritersOlderAndNewerSchema() throws Exception {
        Schema older = blobRef("dtype", "shape");
        Schema newer = blobRef();
        newer =
                new Schema.Parser()
                        .parse(
                                newer.toString()
                                        .replace("\"fields\":[", "\"fields\":[" + NEW + ","));
        var blobs = AvroSerde.of(client(Map.of()), BlobRef.class);
        var subject = "blobs-value";
        for (Schema writer : List.of(older, newer)) {
            var record = new GenericData.Record(writer);
            writer.getFields().forEach(f -> record.put(f.pos(), value(f)));
            BlobRef read =
                    blobs.deserializer()
                            .deserialize(
                                    "blobs",
                                    bytes(client(Map.of()).register(subject, writer), record));
            assertEquals("path", read.getPath());
            assertEquals(5, read.getSize());
            assertEquals(List.of(), read.getShape());
        }
    }

    @Test
    void writesWithTheLatestSchemaWhenToldTo() throws Exception {
        Schema older = blobRef("dtype", "shape");
        int id = client(Map.of()).register("blobs-value", older);
        var latest = Map.of("auto.register.schemas", "false", "use.latest.version", "true");
        var blobs = AvroSerde.of(client(latest), BlobRef.class);
        var ref = BlobRef.newBuilder().setPath("p").setSha256("s").setSize(5).setDtype("F32");
        byte[] bytes = blobs.serializer().serialize("blobs", ref.build());
        assertEquals(id, ByteBuffer.wrap(bytes).getInt(1));
        var decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null);
        GenericRecord read = new GenericDatumReader<GenericRecord>(older).read(null, decoder);
        assertEquals("s", read.get("sha256").toString());
        assertTrue(decoder.isEnd());
    }

    @Test
    void refusesToWriteAnUnknownSchemaWhenItMustNotRegister() {
        var strict =
                AvroSerde.of(client(Map.of("auto.register.schemas", "false")), Candidate.class);
        var error =
                assertThrows(
                        SerializationException.class,
                        () -> strict.serializer().serialize(TOPIC, Samples.candidate()));
        assertTrue(error.getMessage().contains(TOPIC + "-value"), error.getMessage());
        byte[] bytes = write(Samples.candidate());
        assertArrayEquals(bytes, strict.serializer().serialize(TOPIC, Samples.candidate()));
    }

    @Test
    void refusesWhatIsNotTheWireFormat() {
        refused(new byte[0], "found 0 bytes");
        refused(new byte[] {0, 0, 0, 1}, "found 4 bytes");
        refused("{\"a\":1}".getBytes(), "found first byte 123");
        refused(new byte[] {0, 0, 0, 0, 99, 1}, "schema id 99");
        refused(new byte[] {0, -1, -1, -1, -1, 1}, "schema id -1");
    }

    @Test
    void refusesEveryTruncationAndATail() {
        byte[] good = write(Samples.candidate());
        for (int length = 0; length < good.length; length++) {
            refused(Arrays.copyOf(good, length), "");
        }
        refused(Arrays.copyOf(good, good.length + 1), "found more bytes");
    }

    @Test
    void hugeLengthsAreRefusedWithoutTheirMemory() {
        byte[] good = write(Samples.candidate());
        byte[] huge = {(byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
        for (int at = 5; at < good.length; at++) {
            byte[] bad = new byte[good.length + huge.length - 1];
            System.arraycopy(good, 0, bad, 0, at);
            System.arraycopy(huge, 0, bad, at, huge.length);
            System.arraycopy(good, at + 1, bad, at + huge.length, good.length - at - 1);
            readOrRefuse(bad);
        }
    }

    @Test
    void rubbishNeverEscapesAsAnotherError() {
        byte[] good = write(Samples.candidate());
        var random = new Random(20);
        for (int round = 0; round < 20_000; round++) {
            byte[] bad = good.clone();
            for (int hits = 1 + random.nextInt(4); hits > 0; hits--) {
                bad[5 + random.nextInt(bad.length - 5)] = (byte) random.nextInt(256);
            }
            readOrRefuse(bad);
        }
    }

    @Test
    void aRegistryThatIsAwayDoesNotCondemnTheRecord() {
        byte[] good = write(Samples.candidate());
        registry.close();
        assertEquals(Samples.candidate(), serde.deserializer().deserialize(TOPIC, good));
        var cold = AvroSerde.of(client(Map.of("max.retries", "1")), Candidate.class);
        assertThrows(
                RegistryUnavailableException.class,
                () -> cold.deserializer().deserialize(TOPIC, good));
        assertThrows(
                RegistryUnavailableException.class,
                () -> cold.serializer().serialize(TOPIC, Samples.candidate()));
    }

    private static final String NEW = "{\"name\":\"etag\",\"type\":\"string\",\"default\":\"\"}";

    private byte[] write(Candidate candidate) {
        return serde.serializer().serialize(TOPIC, candidate);
    }

    private void refused(byte[] bytes, String found) {
        var error =
                assertThrows(
                        SerializationException.class,
                        () -> serde.deserializer().deserialize(TOPIC, bytes));
        String message = error.getMessage();
        assertTrue(message.startsWith("topic " + TOPIC) && message.contains(found), message);
        assertFalse(message.contains("\n"), message);
    }

    private void readOrRefuse(byte[] bytes) {
        try {
            serde.deserializer().deserialize(TOPIC, bytes);
        } catch (SerializationException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
        }
    }

    private SchemaRegistryClient client(Map<String, String> extra) {
        Map<String, String> properties = new HashMap<>(extra);
        properties.put("schema.registry.url", registry.url());
        properties.put("retries.wait.ms", "1");
        return SchemaRegistryClient.of(properties);
    }

    /** BlobRef's schema without some fields. */
    private static Schema blobRef(String... without) {
        var fields = SchemaBuilder.record("BlobRef").namespace("io.mitune.schemas").fields();
        for (Schema.Field field : PlainSchema.of(BlobRef.getClassSchema()).getFields()) {
            if (!List.of(without).contains(field.name())) {
                var type = fields.name(field.name()).type(field.schema());
                fields =
                        field.hasDefaultValue()
                                ? type.withDefault(field.defaultVal())
                                : type.noDefault();
            }
        }
        return fields.endRecord();
    }

    private static Object value(Schema.Field field) {
        return switch (field.schema().getType()) {
            case STRING -> field.name();
            case LONG -> 5L;
            default -> List.of();
        };
    }

    private static byte[] bytes(int id, GenericRecord record) throws Exception {
        var out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        var encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
