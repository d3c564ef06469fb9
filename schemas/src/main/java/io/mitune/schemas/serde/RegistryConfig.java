package io.mitune.schemas.serde;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * How to reach a schema registry, read from the property names of Confluent's clients.
 *
 * <p>So that a configuration written for Confluent's tools can be used as it is. Immutable.
 *
 * @param urls {@code schema.registry.url}: base URLs, tried in turn
 * @param authorization value of the Authorization header, see {@link RegistryCredentials}
 * @param tls {@code schema.registry.ssl.*}, see {@link RegistryTls}
 * @param autoRegister {@code auto.register.schemas}: register an unknown schema (default true)
 * @param useLatest {@code use.latest.version}: write with the subject's latest schema; counts only
 *     when autoRegister is off, as in Confluent's clients
 * @param normalize {@code normalize.schemas}: let the registry bring schemas into one form first
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
        boolean normalize,
        int maxRetries,
        Duration firstWait,
        Duration longestWait,
        Duration connectTimeout,
        Duration readTimeout) {

    private static final Set<String> OWN =
            Set.of(
                    "schema.registry.url",
                    "auto.register.schemas",
                    "use.latest.version",
                    "normalize.schemas",
                    "max.retries",
                    "retries.wait.ms",
                    "retries.max.wait.ms",
                    "http.connect.timeout.ms",
                    "http.read.timeout.ms");

    /** Names of Confluent's serializers that we know, with the only value that we can do. */
    private static final Map<String, String> FIXED =
            Map.ofEntries(
                    Map.entry("value.subject.name.strategy", "TopicNameStrategy"),
                    Map.entry("specific.avro.reader", "true"),
                    Map.entry("avro.remove.java.properties", "true"),
                    Map.entry("avro.use.logical.type.converters", "false"),
                    Map.entry("avro.reflection.allow.null", "false"),
                    Map.entry("schema.reflection", "false"),
                    Map.entry("use.schema.id", "-1"),
                    Map.entry("use.latest.with.metadata", ""),
                    Map.entry("latest.cache.ttl.sec", "-1"),
                    Map.entry("proxy.host", ""),
                    Map.entry("proxy.port", "-1"),
                    Map.entry(RegistryTls.PREFIX + "endpoint.identification.algorithm", "https"));

    private static final Set<String> NAMES =
            Stream.of(OWN, RegistryCredentials.NAMES, RegistryTls.NAMES, FIXED.keySet())
                    .flatMap(Set::stream)
                    .collect(Collectors.toUnmodifiableSet());

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
            if (owns(name) && !NAMES.contains(name)) {
                throw new IllegalArgumentException(
                        name
                                + ": expected a property of the registry client that is supported:"
                                + " see schemas/README.md, Registry properties");
            }
        }
        FIXED.forEach((name, value) -> requireFixed(properties, name, value));
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
        return new RegistryConfig(
                List.copyOf(urls),
                RegistryCredentials.of(properties, userInfo),
                RegistryTls.of(properties),
                flag(properties, "auto.register.schemas", true),
                flag(properties, "use.latest.version", false),
                flag(properties, "normalize.schemas", false),
                number(properties, "max.retries", 8),
                Duration.ofMillis(number(properties, "retries.wait.ms", 250)),
                Duration.ofMillis(number(properties, "retries.max.wait.ms", 8_000)),
                Duration.ofMillis(number(properties, "http.connect.timeout.ms", 5_000)),
                Duration.ofMillis(number(properties, "http.read.timeout.ms", 20_000)));
    }

    /** Class names may come with their package. */
    private static void requireFixed(Map<String, ?> properties, String name, String expected) {
        String found = text(properties, name, expected);
        String bare = found.replaceFirst("^class ", "").replaceFirst(".*[.]", "");
        if (!bare.equalsIgnoreCase(expected)) {
            throw new IllegalArgumentException(
                    "%s: expected %s, the only value that this serde knows, found %s"
                            .formatted(name, expected.isEmpty() ? "nothing" : expected, found));
        }
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
