package io.mitune.app.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;

/** Deployment files of the project as trees. */
final class Yaml {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Yaml() {}

    /** A file's one document; anchors and merges are resolved, compose's own tags are null. */
    static JsonNode read(String file) throws IOException {
        var yaml = new org.yaml.snakeyaml.Yaml(new Constructor());
        return new ObjectMapper().valueToTree(yaml.load(Files.readString(ROOT.resolve(file))));
    }

    /** The words of a command given as text or as a list. */
    static List<String> words(JsonNode command) {
        if (command.isTextual()) {
            return List.of(command.asText().split("\\s+"));
        }
        var words = new ArrayList<String>();
        command.forEach(word -> words.add(word.asText()));
        return words;
    }

    static List<JsonNode> children(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false).toList();
    }

    private static final class Constructor extends SafeConstructor {
        Constructor() {
            super(new LoaderOptions());
            yamlConstructors.put(
                    new Tag("!reset"),
                    new org.yaml.snakeyaml.constructor.AbstractConstruct() {
                        @Override
                        public Object construct(Node node) {
                            return null;
                        }
                    });
        }
    }
}
