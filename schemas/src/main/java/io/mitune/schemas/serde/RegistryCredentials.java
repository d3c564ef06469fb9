package io.mitune.schemas.serde;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;

/**
 * The Authorization header for a registry, from the property names of Confluent's clients.
 *
 * <p>{@code basic.auth.credentials.source}: URL (what stands in {@code schema.registry.url}),
 * USER_INFO ({@code basic.auth.user.info}) or SASL_INHERIT (user and password of {@code
 * sasl.jaas.config}). {@code bearer.auth.credentials.source}: STATIC_TOKEN ({@code
 * bearer.auth.token}). Messages never hold a credential. Stateless.
 */
final class RegistryCredentials {
    static final String BASIC_SOURCE = "basic.auth.credentials.source";
    static final String USER_INFO = "basic.auth.user.info";
    static final String OLD_USER_INFO = "schema.registry.basic.auth.user.info";
    static final String BEARER_SOURCE = "bearer.auth.credentials.source";
    static final String BEARER_TOKEN = "bearer.auth.token";
    static final Set<String> NAMES =
            Set.of(BASIC_SOURCE, USER_INFO, OLD_USER_INFO, BEARER_SOURCE, BEARER_TOKEN);

    private RegistryCredentials() {}

    /**
     * @param inUrl user and password of the URL, where it has them
     */
    static Optional<String> of(Map<String, ?> properties, Optional<String> inUrl) {
        Optional<String> bearer = bearer(properties);
        Optional<String> user =
                switch (text(properties, BASIC_SOURCE, "URL")) {
                    case "URL" -> inUrl;
                    case "USER_INFO" -> Optional.of(userInfo(properties));
                    case "SASL_INHERIT" -> Optional.of(inherited(properties));
                    default ->
                            throw new IllegalArgumentException(
                                    BASIC_SOURCE
                                            + ": expected URL, USER_INFO or SASL_INHERIT, found "
                                            + text(properties, BASIC_SOURCE, ""));
                };
        if (bearer.isPresent() && user.isPresent()) {
            throw new IllegalArgumentException(
                    BEARER_SOURCE + ": expected one kind of credentials, found a user as well");
        }
        return bearer.or(() -> user.map(RegistryCredentials::basic));
    }

    private static Optional<String> bearer(Map<String, ?> properties) {
        String source = text(properties, BEARER_SOURCE, "");
        String token = text(properties, BEARER_TOKEN, "");
        if (source.isEmpty() && token.isEmpty()) {
            return Optional.empty();
        }
        if (!source.equals("STATIC_TOKEN")) {
            throw new IllegalArgumentException(
                    BEARER_SOURCE
                            + ": expected STATIC_TOKEN, found "
                            + (source.isEmpty() ? "nothing" : source));
        }
        if (!token.matches("[A-Za-z0-9._~+/-]+=*")) {
            throw new IllegalArgumentException(
                    BEARER_TOKEN + ": expected a token, found something else");
        }
        return Optional.of("Bearer " + token);
    }

    private static String userInfo(Map<String, ?> properties) {
        String info = text(properties, USER_INFO, text(properties, OLD_USER_INFO, ""));
        if (!info.contains(":")) {
            throw new IllegalArgumentException(
                    USER_INFO
                            + ": expected USER:PASSWORD with USER_INFO credentials,"
                            + " found no colon");
        }
        return info;
    }

    private static String inherited(Map<String, ?> properties) {
        String jaas = text(properties, SaslConfigs.SASL_JAAS_CONFIG, "");
        try {
            var context =
                    JaasContext.loadClientContext(
                            Map.of(SaslConfigs.SASL_JAAS_CONFIG, new Password(jaas)));
            var options = context.configurationEntries().get(0).getOptions();
            if (options.get("username") instanceof String user
                    && options.get("password") instanceof String password) {
                return user + ":" + password;
            }
        } catch (KafkaException | IllegalArgumentException e) {
            // told below, without the text: it holds a password
        }
        throw new IllegalArgumentException(
                BASIC_SOURCE
                        + ": expected sasl.jaas.config with username and password for"
                        + " SASL_INHERIT, found "
                        + (jaas.isEmpty() ? "none" : "something else"));
    }

    private static String basic(String userInfo) {
        byte[] bytes = userInfo.getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(bytes);
    }

    private static String text(Map<String, ?> properties, String name, String byDefault) {
        Object value = properties.get(name);
        if (value instanceof Password password) {
            return password.value();
        }
        return value == null ? byDefault : value.toString();
    }
}
