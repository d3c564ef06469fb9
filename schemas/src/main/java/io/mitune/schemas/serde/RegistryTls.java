package io.mitune.schemas.serde;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/**
 * TLS towards a registry whose certificate the platform does not know, or that wants ours.
 *
 * <p>Confluent's names: Kafka's own {@code ssl.*} with {@code schema.registry.} before them, read
 * by Kafka's own code, so stores in PKCS12, JKS and PEM, in files or in the property itself, work
 * as they do towards a broker.
 */
final class RegistryTls {
    static final String OWNER = "schema.registry.";
    static final String PREFIX = OWNER + "ssl.";
    static final Set<String> NAMES =
            Stream.of(
                            "truststore.location",
                            "truststore.password",
                            "truststore.type",
                            "truststore.certificates",
                            "keystore.location",
                            "keystore.password",
                            "keystore.type",
                            "keystore.key",
                            "keystore.certificate.chain",
                            "key.password",
                            "protocol",
                            "provider",
                            "keymanager.algorithm",
                            "trustmanager.algorithm")
                    .map(PREFIX::concat)
                    .collect(Collectors.toUnmodifiableSet());

    private RegistryTls() {}

    /** Empty when nothing is set: the platform's trust then counts. */
    static Optional<SSLContext> of(Map<String, ?> properties) {
        var own = new HashMap<String, Object>();
        properties.forEach(
                (name, value) -> {
                    if (NAMES.contains(name)) {
                        own.put(name.substring(OWNER.length()), value);
                    }
                });
        if (own.isEmpty()) {
            return Optional.empty();
        }
        // Kafka's default is JKS, that of every JDK since 9 PKCS12
        own.putIfAbsent(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, type(own, "truststore"));
        own.putIfAbsent(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, type(own, "keystore"));
        var definition = new ConfigDef();
        SslConfigs.addClientSslSupport(definition);
        try {
            var engines = new DefaultSslEngineFactory();
            engines.configure(new AbstractConfig(definition, own, false).values());
            return Optional.of(engines.sslContext());
        } catch (KafkaException e) {
            throw new IllegalArgumentException(
                    PREFIX + "*: expected usable stores, found " + reason(e), e);
        }
    }

    private static String type(Map<String, Object> own, String store) {
        boolean inline =
                own.containsKey("ssl." + store + ".certificates")
                        || own.containsKey("ssl." + store + ".certificate.chain");
        return inline ? DefaultSslEngineFactory.PEM_TYPE : "PKCS12";
    }

    /** The message with its cause's, since Kafka puts the file in the one and the reason there. */
    private static String reason(Throwable e) {
        String own = SchemaRegistryClient.oneLine(e);
        return e.getCause() == null || own.contains(SchemaRegistryClient.oneLine(e.getCause()))
                ? own
                : own + ": " + SchemaRegistryClient.oneLine(e.getCause());
    }
}
