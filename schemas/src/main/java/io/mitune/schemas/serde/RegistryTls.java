package io.mitune.schemas.serde;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS towards a registry whose certificate the platform does not know, or that wants ours.
 *
 * <p>Confluent's names: {@code schema.registry.ssl.truststore.location}, {@code .password}, {@code
 * .type} (PKCS12 or JKS), and the same for {@code keystore}, with {@code
 * schema.registry.ssl.key.password}.
 */
final class RegistryTls {
    static final String PREFIX = "schema.registry.ssl.";
    static final Set<String> NAMES =
            Set.of(
                    PREFIX + "truststore.location",
                    PREFIX + "truststore.password",
                    PREFIX + "truststore.type",
                    PREFIX + "keystore.location",
                    PREFIX + "keystore.password",
                    PREFIX + "keystore.type",
                    PREFIX + "key.password");

    private RegistryTls() {}

    /** Empty when nothing is set: the platform's trust then counts. */
    static Optional<SSLContext> of(Map<String, ?> properties) {
        if (NAMES.stream().noneMatch(properties::containsKey)) {
            return Optional.empty();
        }
        try {
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store(properties, "truststore").orElse(null));
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            char[] ofStore = password(properties, "keystore.password");
            char[] ofKey = password(properties, "key.password");
            keys.init(store(properties, "keystore").orElse(null), ofKey == null ? ofStore : ofKey);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    PREFIX + "*: expected usable stores, found " + SchemaRegistryClient.oneLine(e),
                    e);
        }
    }

    private static Optional<KeyStore> store(Map<String, ?> properties, String kind)
            throws GeneralSecurityException {
        Object location = properties.get(PREFIX + kind + ".location");
        if (location == null) {
            return Optional.empty();
        }
        Object type = properties.get(PREFIX + kind + ".type");
        KeyStore store = KeyStore.getInstance(type == null ? "PKCS12" : type.toString());
        try (var in = Files.newInputStream(Path.of(location.toString()))) {
            store.load(in, password(properties, kind + ".password"));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "%s%s.location: expected a %s file that its password opens, found %s: %s"
                            .formatted(
                                    PREFIX,
                                    kind,
                                    store.getType(),
                                    location,
                                    SchemaRegistryClient.oneLine(e)),
                    e);
        }
        return Optional.of(store);
    }

    private static char[] password(Map<String, ?> properties, String name) {
        Object password = properties.get(PREFIX + name);
        return password == null ? null : password.toString().toCharArray();
    }
}
