package io.mitune.schemas;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * Properties whose values stand in the environment or in files, by Kafka's own providers.
 *
 * <p>{@code ${env:NAME}} is a variable, {@code ${file:FILE:KEY}} an entry of a properties file,
 * {@code ${dir:FOLDER:NAME}} the content of a file, as containers mount secrets. So that no
 * password has to be in a command line or next to plain settings. References to other providers are
 * left to the client that is told of them. Stateless.
 */
public final class SecretReferences {
    private static final Pattern OURS = Pattern.compile("\\$\\{(env|file|dir):[^}]*}");

    private SecretReferences() {}

    /**
     * The properties with the values in place of the references.
     *
     * @throws IllegalArgumentException in one line that names the property, never a value
     */
    public static Map<String, String> resolve(Map<String, String> properties) {
        var resolved = new HashMap<String, String>();
        Map<String, ConfigProvider> providers =
                Map.of(
                        "env", new EnvVarConfigProvider(),
                        "file", new FileConfigProvider(),
                        "dir", new DirectoryConfigProvider());
        providers.values().forEach(provider -> provider.configure(Map.of()));
        var transformer = new ConfigTransformer(providers);
        properties.forEach((name, value) -> resolved.put(name, resolve(transformer, name, value)));
        return resolved;
    }

    private static String resolve(ConfigTransformer transformer, String name, String value) {
        var references = OURS.matcher(value);
        if (!references.find()) {
            return value;
        }
        String found;
        try {
            found = transformer.transform(Map.of(name, value)).data().get(name);
        } catch (ConfigException e) {
            throw unresolved(name, references.group(), e);
        }
        // the transformer leaves what it does not find; a secret may itself look like a reference
        references.reset();
        while (references.find()) {
            if (found.contains(references.group())) {
                throw unresolved(name, references.group(), null);
            }
        }
        return found;
    }

    private static IllegalArgumentException unresolved(
            String name, String reference, ConfigException cause) {
        return new IllegalArgumentException(
                "%s: expected %s to name a value, found none%s"
                        .formatted(
                                name,
                                reference,
                                cause == null ? "" : " (" + cause.getMessage() + ")"),
                cause);
    }
}
