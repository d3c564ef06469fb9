package io.mitune.schemas.serde;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/**
 * How to reach a schema registry, read from the property names of Confluent's clients.
 *
 * <p>So that a configuration written for Confluent's tools can be used as it is. Immutable.
 *
 * @param urls {@code schema.registry.url}: base URLs, tried in turn
 * @param authorization value of the Authorization header, from {@code
 *     basic.auth.credentials.source} (URL or USER_INFO) and {@code basic.auth.user.info}
 * @param tls {@code schema.registry.ssl.*}, see {@link RegistryTls}
 * @param autoRegister {@code auto.register.schemas}: register an unknown schema (default true)
 * @param useLatest {@code use.latest.version}: write with the subject's latest schema; counts only
 *     when autoRegister is off, as in Confluent's clients
 * @param maxRetries {@code max.retries}: further attempts after a failed call
 * @param firstWait {@code retries.wait.ms}: wait before the first retry, doubled each time
 * @param longestWait {@code retries.max.wait.ms}: bound of that wait
 * @param connectTimeout {@code http.connect.timeout.ms}
 * @param readTimeout {@code http.read.timeout.ms}: bound of one whole call
 */
public record RegistryConfig(
        List<URI> urls,
        Optional<String> authorization,
        Optional<SSLContext> tls,
        boolean autoRegister,
        boolean useLatest,
        int maxRetries,
        Duration firstWait,
        Duration longestWait,
        Duration connectTimeout,
        Duration readTimeout) {

    private static final Set<String> NAMES =
            Set.of(
                    "schema.registry.url",
                    "basic.auth.credentials.source",
                    "basic.auth.user.info",
                    "schema.registry.basic.auth.user.info",
                    "auto.register.schemas",
                    "use.latest.version",
                    "max.retries",
                    "retries.wait.ms",
                    "retries.max.wait.ms",
                    "http.connect.timeout.ms",
                    "http.read.timeout.ms");

    /** Whether a property is meant for the registry client and not for a Kafka client. */
    public static boolean owns(String name) {
        return NAMES.contains(name)
                || name.startsWith("schema.registry.")
                || name.startsWith("basic.auth.")
                || name.startsWith("bearer.auth.");
    }

    /** Reads its properties and leaves the others alone; one of its own must be known. */
    public static RegistryConfig of(Map<String, ?> properties) {
        for (String name : properties.keySet()) {
            if (owns(name) && !NAMES.contains(name) && !RegistryTls.NAMES.contains(name)) {
                throw new IllegalArgumentException(
                        name + ": expected a property of the registry client that is supported");
            }
        }
        var urls = new ArrayList<URI>();
        Optional<String> userInfo = Optional.empty();
        for (String text : text(properties, "schema.registry.url", "").split(",", -1)) {
            URI url = url(text.strip());
            if (url.getRawUserInfo() != null) {
                userInfo =
                        Optional.of(
                                URLDecoder.decode(url.getRawUserInfo(), StandardCharsets.UTF_8));
            }
            urls.add(withoutUserInfo(url));
        }
        String source = text(properties, "basic.auth.credentials.source", "URL");
        switch (source) {
            case "URL" -> {}
            case "USER_INFO" -> userInfo = Optional.of(userInfo(properties));
            default ->
                    throw new IllegalArgumentException(
                            "basic.auth.credentials.source: expected URL or USER_INFO, found "
                                    + source);
        }
        return new RegistryConfig(
                List.copyOf(urls),
                userInfo.map(RegistryConfig::basic),
                RegistryTls.of(properties),
                flag(properties, "auto.register.schemas", true),
                flag(properties, "use.latest.version", false),
                number(properties, "max.retries", 8),
                Duration.ofMillis(number(properties, "retries.wait.ms", 250)),
                Duration.ofMillis(number(properties, "retries.max.wait.ms", 8_000)),
                Duration.ofMillis(number(properties, "http.connect.timeout.ms", 5_000)),
                Duration.ofMillis(number(properties, "http.read.timeout.ms", 20_000)));
    }

    private static URI url(String text) {
        try {
            URI url = URI.create(text.replaceAll("/+$", ""));
            if (url.getHost() != null && String.valueOf(url.getScheme()).matches("https?")) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // told below, without the text: it may hold a password
        }
        throw new IllegalArgumentException(
                "schema.registry.url: expected http://HOST:PORT or https://HOST:PORT, several"
                        + " separated by commas, found something else"
                        + (text.isEmpty() ? " (empty)" : ""));
    }

    private static URI withoutUserInfo(URI url) {
        String rest = url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
        return URI.create(url.getScheme() + "://" + rest + url.getRawPath());
    }

    private static String userInfo(Map<String, ?> properties) {
        String old = text(properties, "schema.registry.basic.auth.user.info", "");
        String info = text(properties, "basic.auth.user.info", old);
        if (!info.contains(":")) {
            throw new IllegalArgumentException(
                    "basic.auth.user.info: expected USER:PASSWORD with USER_INFO credentials,"
                            + " found no colon");
        }
        return info;
    }

    private static String basic(String userInfo) {
        byte[] bytes = userInfo.getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(bytes);
    }

    private static String text(Map<String, ?> properties, String name, String byDefault) {
        Object value = properties.get(name);
        return value == null ? byDefault : value.toString();
    }

    private static boolean flag(Map<String, ?> properties, String name, boolean byDefault) {
        String value = text(properties, name, Boolean.toString(byDefault));
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException(
                            name + ": expected true or false, found " + value);
        };
    }

    private static int number(Map<String, ?> properties, String name, int byDefault) {
        String value = text(properties, name, Integer.toString(byDefault));
        if (!value.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException(
                    name + ": expected a whole number from 0 to 999999999, found " + value);
        }
        return Integer.parseInt(value);
    }

    /** The properties without the password. */
    @Override
    public String toString() {
        return "RegistryConfig" + urls;
    }
}
