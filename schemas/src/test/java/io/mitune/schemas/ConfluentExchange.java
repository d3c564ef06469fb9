package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.serde.AvroSerde;
import io.mitune.schemas.serde.ForeignSerde;
import io.mitune.schemas.serde.SchemaRegistryClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Confluent's serializers, as a build has them, beside our serde under one registry. */
@ExtendWith(Confluent.class)
abstract class ConfluentExchange {
    private static final int VALUES = 20;
    private static final Map<String, String> LATEST =
            Map.of("auto.register.schemas", "false", "use.latest.version", "true");

    /** The registry. */
    abstract String url();

    @Test
    void aBuildComesWithThem() {
        assertInstanceOf(ForeignSerde.class, theirs(Candidate.class, Map.of()));
    }

    /** Both read the same from every version that there ever was, and write the same of it. */
    @ParameterizedTest
    @MethodSource("io.mitune.schemas.SchemaHistory#records")
    void bothWriteTheSameBytesAndReadThem(Class<? extends SpecificRecord> record)
            throws IOException {
        exchange(record);
    }

    private <V extends SpecificRecord> void exchange(Class<V> record) throws IOException {
        String topic = "exchange." + record.getSimpleName();
        var ours = ours(record, Map.of());
        var theirs = theirs(record, Map.of());
        for (Schema version : SchemaHistory.of(record)) {
            int id = client(Map.of()).register(topic + "-value", version);
            for (Object value : new RandomData(version, VALUES, 5L)) {
                byte[] old = bytes(id, version, value);
                V read = ours.deserializer().deserialize(topic, old);
                assertEquals(read, theirs.deserializer().deserialize(topic, old));
                byte[] byUs = ours.serializer().serialize(topic, read);
                assertArrayEquals(byUs, theirs.serializer().serialize(topic, read));
                assertEquals(read, theirs.deserializer().deserialize(topic, byUs));
                assertEquals(read, ours.deserializer().deserialize(topic, byUs));
            }
        }
    }

    /** Neither knows the schema from having written it. */
    @Test
    void coldReadersAskTheRegistry() {
        byte[] byThem = written(theirs(Candidate.class, Map.of()), "cold");
        assertEquals(Samples.candidate(), read(ours(Candidate.class, Map.of()), "cold", byThem));
        assertEquals(Samples.candidate(), read(theirs(Candidate.class, Map.of()), "cold", byThem));
    }

    @Test
    void nullIsATombstone() {
        assertNull(theirs(Vote.class, Map.of()).serializer().serialize("t", null));
        assertNull(theirs(Vote.class, Map.of()).deserializer().deserialize("t", null));
    }

    @Test
    void whatTheyCannotReadIsABadRecord() {
        var theirs = theirs(Candidate.class, Map.of());
        byte[] good = written(theirs, "bad");
        for (int length = 0; length < good.length; length++) {
            refused(theirs, Arrays.copyOf(good, length));
        }
        refused(theirs, new byte[] {1, 0, 0, 0, 1, 0});
        refused(theirs, ByteBuffer.wrap(good.clone()).putInt(1, 999_999).array());
    }

    @Test
    void anotherKindOfRecordIsABadRecord() throws IOException {
        Schema vote = SchemaHistory.of(Vote.class).get(0);
        int id = client(Map.of()).register("bad-value", vote);
        byte[] bytes = bytes(id, vote, new RandomData(vote, 1, 5L).iterator().next());
        refused(theirs(Candidate.class, Map.of()), bytes);
    }

    @Test
    void schemasThatMustNotBeRegisteredAreRefused() {
        var strict = theirs(Candidate.class, Map.of("auto.register.schemas", "false"));
        var error =
                assertThrows(SerializationException.class, () -> written(strict, "unregistered"));
        assertTrue(error.getMessage().contains("error code: 404"), error.getMessage());
    }

    @Test
    void theLatestVersionIsWrittenAndOurOwnRead() throws IOException {
        var versions = SchemaHistory.of(Candidate.class);
        client(Map.of()).register("latest-value", versions.get(0));
        var theirs = theirs(Candidate.class, LATEST);
        byte[] byThem = written(theirs, "latest");
        assertArrayEquals(written(ours(Candidate.class, LATEST), "latest"), byThem);
        assertEquals(Samples.candidate(), read(theirs, "latest", byThem));
    }

    private static byte[] written(Serde<Candidate> serde, String topic) {
        return serde.serializer().serialize(topic, Samples.candidate());
    }

    private static Candidate read(Serde<Candidate> serde, String topic, byte[] bytes) {
        return serde.deserializer().deserialize(topic, bytes);
    }

    private static void refused(Serde<Candidate> serde, byte[] bytes) {
        var error = assertThrows(SerializationException.class, () -> read(serde, "bad", bytes));
        assertTrue(error.getMessage().startsWith("topic bad: "), error.getMessage());
        assertEquals(List.of(error.getMessage()), error.getMessage().lines().toList());
    }

    private SchemaRegistryClient client(Map<String, String> extra) {
        return SchemaRegistryClient.of(with(extra));
    }

    private <V extends SpecificRecord> Serde<V> ours(Class<V> type, Map<String, String> extra) {
        return AvroSerde.of(client(extra), type);
    }

    final <V extends SpecificRecord> Serde<V> theirs(Class<V> type, Map<String, String> extra) {
        return new Connection("localhost:1", url(), "", extra).serde(type);
    }

    private Map<String, String> with(Map<String, String> extra) {
        var all = new HashMap<>(extra);
        all.put("schema.registry.url", url());
        return all;
    }

    private static byte[] bytes(int id, Schema schema, Object value) throws IOException {
        var out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        var encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema, GenericData.get()).write(value, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
