package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyHistoryTest {
    private static final List<CurationPolicy> BASE =
            List.of(CurationPolicy.MI_MAX, CurationPolicy.RANDOM);

    @Test
    void aPromptIsJudgedByWhatStandsBeforeItsOffset() {
        var history =
                PolicyHistory.of(
                        List.of(
                                Policies.set("strict", 1, 10L, 20L).build(),
                                Policies.set("strict", 2, 15L, 30L).build(),
                                Policies.remove("strict", 3, 40L, 40L)));
        assertEquals("[mi-max@1, random@1]", names(history, 0, 9));
        assertEquals("[strict@1, random@1]", names(history, 0, 10));
        assertEquals("[strict@1, random@1]", names(history, 1, 29));
        assertEquals("[strict@2, random@1]", names(history, 1, 30));
        assertEquals("[mi-max@1, random@1]", names(history, 0, 40));
        assertEquals(3, history.lastVersion("strict"));
        assertEquals(1, history.lastVersion("mi-max"));
        assertEquals(0, history.lastVersion("other"));
        assertTrue(history.find("strict", 1).isPresent());
        assertTrue(history.find("strict", 3).isEmpty());
        assertEquals(CurationPolicy.RANDOM, history.find("random", 1).orElseThrow());
    }

    @Test
    void ofTwoWithTheSameSuffixTheLaterOneCounts() {
        var history =
                PolicyHistory.of(
                        List.of(
                                Policies.set("a", 1).setRunSuffix("-x").build(),
                                Policies.set("b", 1).setRunSuffix("-x").build(),
                                Policies.set("a", 2).setRunSuffix("-y").build()));
        assertEquals("[mi-max@1, random@1, b@1, a@2]", names(history, 0, 0));
    }

    @Test
    void theFirstOfTwoWithOneVersionCountsAndBadOnesDoNot() {
        var history =
                PolicyHistory.of(
                        List.of(
                                Policies.set("mi-max", 1).setKeep(7).build(),
                                Policies.set("a", 1).setKeep(1).build(),
                                Policies.set("a", 1).setKeep(2).build(),
                                Policies.set("b", 1).setKeep(-5).build()));
        assertEquals(1, history.changes().size());
        assertEquals(1, history.find("a", 1).orElseThrow().keep().orElseThrow());
        assertTrue(history.find("mi-max", 1).orElseThrow().keep().isEmpty());
    }

    @Test
    void policiesOfOtherRunsAndThoseForRecurateLeaveTheStreamAlone() {
        var history =
                PolicyHistory.of(
                        List.of(
                                Policies.set("other", 1).setRun("other").build(),
                                Policies.set("mine", 1).setRun("main").build(),
                                Policies.set("mine", 2).setLive(false).setKeep(3).build()));
        assertEquals("[mine@1, random@1]", names(history, 0, 0));
        assertEquals(3, history.find("mine", 2).orElseThrow().keep().orElseThrow());
    }

    @Test
    void theCuratorsWordMovesTheOffset() {
        var set = Policies.set("a", 1, 5L, 5L).build();
        var effect =
                Policies.set("a", 1)
                        .setAction(PolicyEvents.EFFECT)
                        .setPartition(1)
                        .setOffset(8)
                        .build();
        var history = PolicyHistory.of(List.of(set, effect));
        assertEquals("[a@1, random@1]", names(history, 0, 5));
        assertEquals("[mi-max@1, random@1]", names(history, 1, 7));
        assertEquals("[a@1, random@1]", names(history, 1, 8));
    }

    private static String names(PolicyHistory history, int partition, long offset) {
        return history.inForce(BASE, "main", partition, offset).stream()
                .map(CurationPolicy::reference)
                .toList()
                .toString();
    }
}
