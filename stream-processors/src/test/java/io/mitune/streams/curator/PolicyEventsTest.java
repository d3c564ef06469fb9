package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.PolicyEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyEventsTest {
    @Test
    void aPolicyIsTheSameAfterTheLog() {
        var whole =
                Policies.set("strict", 3)
                        .setKeep(2)
                        .setRunSuffix("-strict")
                        .setEstimator("paper")
                        .setWindowFrom(100.0)
                        .setWindowTo(900.0)
                        .setThreshold(1.5)
                        .setMargin(0.25)
                        .setMaxSimilarity(0.9)
                        .setQuotas(Map.of("color", 5, "*", 2));
        for (var policy :
                List.of(Policies.policy(whole), CurationPolicy.MI_MAX, CurationPolicy.RANDOM)) {
            assertEquals(policy, PolicyEvents.policy(PolicyEvents.of(policy)));
        }
    }

    @Test
    void builtInPoliciesAreWhatAnEmptyEventSays() {
        assertEquals(CurationPolicy.MI_MAX, Policies.policy(Policies.set("mi-max", 1)));
    }

    @Test
    void everyFaultNamesItsFieldInOneLine() {
        assertFault("name", Policies.set("A b", 1));
        assertFault("version", Policies.set("a", 0));
        assertFault("action", Policies.set("a", 1).setAction("sudo"));
        assertFault("run", Policies.set("a", 1).setRun("../x"));
        assertFault("selection", Policies.set("a", 1).setSelection("best"));
        assertFault("keep", Policies.set("a", 1).setKeep(-1));
        assertFault("keep", Policies.set("a", 1).setKeep(20_000));
        assertFault("runSuffix", Policies.set("a", 1).setRunSuffix("/.."));
        assertFault("estimator", Policies.set("a", 1).setEstimator("mine"));
        assertFault("window", Policies.set("a", 1).setWindowFrom(10.0));
        assertFault("window", Policies.set("a", 1).setWindowFrom(10.0).setWindowTo(10.0));
        assertFault("window", Policies.set("a", 1).setWindowFrom(Double.NaN).setWindowTo(10.0));
        assertFault("threshold", Policies.set("a", 1).setThreshold(Double.NaN));
        assertFault("margin", Policies.set("a", 1).setMargin(-1.0));
        assertFault("margin", Policies.set("a", 1).setMargin(1.0).setSelection("random"));
        assertFault("maxSimilarity", Policies.set("a", 1).setMaxSimilarity(1.0));
        assertFault("similarityScope", Policies.set("a", 1).setSimilarityScope("world"));
        assertFault("quotas", Policies.set("a", 1).setKeep(1).setQuotas(Map.of("color", -1)));
        assertFault("keep", Policies.set("a", 1).setQuotas(Map.of("color", 1)));
        assertFault("voteWeight", Policies.set("a", 1).setVoteWeight(0.5));
        assertFault("voteWeight", Policies.set("a", 1).setVoteWeight(2).setLive(false));
        assertFault("minVotes", Policies.set("a", 1).setMinVotes(0));
        assertFault("promptOffsets", Policies.set("a", 1, -1L));
        assertFault("effect", Policies.set("a", 1).setAction("effect"));
    }

    private static void assertFault(String field, PolicyEvent.Builder event) {
        Optional<String> fault = PolicyEvents.fault(event.build());
        var line = fault.orElse("none");
        assertTrue(line.startsWith("curation policy: " + field + ": expected"), line);
        assertEquals(1, line.lines().count());
    }
}
