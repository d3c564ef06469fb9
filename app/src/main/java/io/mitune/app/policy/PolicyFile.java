package io.mitune.app.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.mitune.app.cli.ErrorLine;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.PolicyEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A policy as a YAML or JSON file, whose keys are the record's fields. Stateless. */
final class PolicyFile {
    private static final int MAX_BYTES = 100_000;

    private interface Field extends BiConsumer<PolicyEvent.Builder, Value> {}

    private static final Map<String, Field> FIELDS = new TreeMap<>();

    static {
        FIELDS.put("selection", (e, v) -> e.setSelection(v.text()));
        FIELDS.put("keep", (e, v) -> e.setKeep(v.whole()));
        FIELDS.put("threshold", (e, v) -> e.setThreshold(v.number()));
        FIELDS.put("margin", (e, v) -> e.setMargin(v.number()));
        FIELDS.put("quotas", (e, v) -> e.setQuotas(v.wholes()));
        FIELDS.put("maxSimilarity", (e, v) -> e.setMaxSimilarity(v.number()));
        FIELDS.put("similarityScope", (e, v) -> e.setSimilarityScope(v.text()));
        FIELDS.put("estimator", (e, v) -> e.setEstimator(v.text()));
        FIELDS.put("windowFrom", (e, v) -> e.setWindowFrom(v.number()));
        FIELDS.put("windowTo", (e, v) -> e.setWindowTo(v.number()));
        FIELDS.put("voteWeight", (e, v) -> e.setVoteWeight(v.number()));
        FIELDS.put("minVotes", (e, v) -> e.setMinVotes(v.whole()));
        FIELDS.put("runSuffix", (e, v) -> e.setRunSuffix(v.text()));
        FIELDS.put("run", (e, v) -> e.setRun(v.text()));
        FIELDS.put("live", (e, v) -> e.setLive(v.flag()));
    }

    private PolicyFile() {}

    static void apply(Path file, PolicyEvent.Builder event) {
        var tree = read(file);
        if (!tree.isObject()) {
            throw new UserError(file + ": expected a map of " + FIELDS.keySet() + ", found none");
        }
        tree.properties()
                .forEach(
                        entry -> {
                            var field = FIELDS.get(entry.getKey());
                            if (field == null) {
                                throw new UserError(
                                        "%s: expected keys of %s, found %s"
                                                .formatted(file, FIELDS.keySet(), entry.getKey()));
                            }
                            field.accept(
                                    event,
                                    new Value(file + ": " + entry.getKey(), entry.getValue()));
                        });
    }

    private static JsonNode read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new UserError(file + ": expected at most " + MAX_BYTES + " bytes");
            }
            return new YAMLMapper().readTree(Files.readString(file, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            var line = e.getOriginalMessage().lines().findFirst().orElse("");
            throw new UserError(file + ": expected YAML or JSON; " + line, e);
        } catch (IOException e) {
            throw new UserError(file + ": expected a readable file; " + ErrorLine.of(e), e);
        }
    }

    /** One value with the words that name its place. */
    private record Value(String where, JsonNode node) {
        String text() {
            require(node.isTextual(), "a text");
            return node.textValue();
        }

        int whole() {
            require(node.isInt(), "a whole number");
            return node.intValue();
        }

        double number() {
            require(node.isNumber(), "a number");
            return node.doubleValue();
        }

        boolean flag() {
            require(node.isBoolean(), "true or false");
            return node.booleanValue();
        }

        Map<String, Integer> wholes() {
            require(node.isObject(), "a map of whole numbers");
            var map = new LinkedHashMap<String, Integer>();
            node.properties()
                    .forEach(
                            e -> {
                                var place = where + ": " + e.getKey();
                                map.put(e.getKey(), new Value(place, e.getValue()).whole());
                            });
            return map;
        }

        private void require(boolean right, String what) {
            if (!right) {
                throw new UserError(where + ": expected " + what + ", found " + node);
            }
        }
    }
}
