package io.mitune.streams.promotion;

import static io.mitune.streams.Samples.adapter;
import static io.mitune.streams.Samples.evaluation;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.PolicyEvent;
import io.mitune.schemas.RunStatus;
import io.mitune.streams.Samples;
import io.mitune.streams.TopologyHarness;
import io.mitune.streams.curator.CurationPolicy;
import io.mitune.streams.curator.PolicyEvents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromotionTopologyTest {
    @TempDir Path dir;
    private TopologyHarness harness;

    @BeforeEach
    void start() {
        harness = new TopologyHarness(dir, c -> PromotionTopology.role(c, PromotionRule.DEFAULT));
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void decidesWhenVersionItsEvaluationAndItsParentsAreInWhateverTheOrder() {
        send(evaluation(1, 1, 2, 6, 10));
        send(adapter(1, 1, "candidate"));
        assertEquals(List.of(), current());
        send(evaluation(0, 0, 1, 5, 9));
        var adapter = one(current());
        assertEquals(1, adapter.getVersion());
        assertEquals(1, adapter.getRound());
        assertEquals("promoted", adapter.getStatus());
        assertEquals(Samples.blob("adapter-1"), adapter.getAdapter());
        assertEquals(Samples.THEN.plusSeconds(60), adapter.getCreatedAt());
        var decision = one(history());
        assertEquals("promoted", decision.getStatus());
        assertEquals("promoted: " + decision.getReason(), adapter.getReason());
        assertTrue(decision.getReason().startsWith("mean MI 6.000"), decision.getReason());
    }

    @Test
    void theWordOfARejectionCarriesTheAdapterBefore() {
        promoteFirst();
        send(adapter(2, 2, "candidate"));
        send(evaluation(2, 2, 0, 4, 8));
        var adapter = one(current());
        assertEquals(1, adapter.getVersion());
        assertEquals(2, adapter.getRound());
        assertEquals(Samples.blob("adapter-1"), adapter.getAdapter());
        assertTrue(adapter.getReason().startsWith("version 2 rejected: "), adapter.getReason());
        assertEquals("rejected", one(history()).getStatus());
    }

    @Test
    void aFirstRejectionLeavesTheBaseModel() {
        send(adapter(1, 1, "candidate"));
        send(evaluation(1, 1, 9, 9).setFinite(false));
        var adapter = one(current());
        assertEquals(0, adapter.getVersion());
        assertNull(adapter.getAdapter());
        assertEquals(1, adapter.getRound());
        assertEquals("promoted", adapter.getStatus());
    }

    @Test
    void redeliveryDecidesNothingTwice() {
        promoteFirst();
        send(adapter(1, 1, "candidate"));
        send(evaluation(1, 1, 0, 0, 0));
        send(evaluation(0, 0, 1, 5, 9));
        assertEquals(List.of(), current());
        assertEquals(List.of(), history());
    }

    @Test
    void aVersionDecidedLateDoesNotDisplaceANewerOne() {
        send(evaluation(0, 0, 1, 5, 9));
        send(adapter(1, 1, "candidate"));
        send(adapter(2, 2, "candidate").setParentVersion(0));
        send(evaluation(2, 2, 3, 7, 11));
        assertEquals(2, one(current()).getVersion());
        send(evaluation(1, 1, 2, 6, 10));
        var adapter = one(current());
        assertEquals(2, adapter.getVersion());
        assertEquals(2, adapter.getRound());
    }

    @Test
    void othersEventsNeedNoDecision() {
        send(adapter(1, 1, "checkpoint"));
        send(adapter(1, 1, "promoted"));
        send(evaluation(1, 1, 9, 9));
        send(evaluation(0, 0, 1, 5));
        assertEquals(List.of(), current());
        assertEquals(List.of(), harness.deadLetters());
    }

    @Test
    void oneCanGoBackToAnyVersionOrTheOneBefore() {
        promoteFirst();
        send(adapter(2, 2, "candidate"));
        send(evaluation(2, 2, 3, 7, 11));
        assertEquals(2, one(current()).getVersion());
        history();

        send(adapter(-1, 0, "rollback-requested").setParentVersion(0).setReason("dull pictures"));
        var before = one(current());
        assertEquals(1, before.getVersion());
        assertEquals(2, before.getRound());
        assertEquals("rolled-back", before.getStatus());
        assertEquals("by request: dull pictures", before.getReason());
        assertEquals("rolled-back", one(history()).getStatus());

        send(adapter(0, 0, "rollback-requested").setParentVersion(0));
        var base = one(current());
        assertEquals(0, base.getVersion());
        assertNull(base.getAdapter());

        // training goes on from there
        send(adapter(3, 3, "candidate").setParentVersion(0));
        send(evaluation(3, 3, 2, 6, 10));
        var next = one(current());
        assertEquals(3, next.getVersion());
        assertEquals("promoted", next.getStatus());
        assertEquals(3, next.getRound());
    }

    @Test
    void aRequestPromotesWhatWasRejectedOrNotEvaluated() {
        send(adapter(1, 1, "candidate"));
        send(adapter(1, 1, "promote-requested").setAdapter(null));
        var adapter = one(current());
        assertEquals(1, adapter.getVersion());
        assertEquals(1, adapter.getRound());
        assertEquals(Samples.blob("adapter-1"), adapter.getAdapter());
        history();
        send(evaluation(1, 1, 0, 0).setFinite(false));
        assertEquals(List.of(), current());
    }

    @Test
    void runsAreDecidedOneByOne() {
        send(adapter(1, 1, "candidate"));
        send(evaluation(0, 0, 1, 5, 9).setRun("main-random"));
        send(evaluation(1, 1, 2, 6, 10).setRun("main-random"));
        send(adapter(1, 1, "candidate").setRun("main-random"));
        assertEquals("main-random", one(current()).getRun());
    }

    @Test
    void recordsThatMakeNoSenseGoToTheDeadLetters() {
        send(adapter(0, 1, "candidate").setParentVersion(0));
        send(adapter(1, 1, "candidate").setAdapter(null));
        send(adapter(5, 1, "promote-requested"));
        send(evaluation(-1, 1, 1, 2));
        send(adapter(1, 1, "candidate").setRun("a/b"));
        harness.sendRaw(harness.topics().evaluations(), "main", new byte[3]);
        var reasons = harness.deadLetters();
        assertEquals(6, reasons.size());
        assertTrue(reasons.get(2).endsWith("expected a version of run main, found 5"));
        promoteFirst();
    }

    @Test
    void whatGlobalStoresPassOverGoesToTheDeadLetters() {
        var topics = harness.topics();
        harness.sendRaw(topics.policies(), "strict/1", new byte[3]);
        harness.sendRaw(topics.policies(), "strict/1", null);
        var bad = PolicyEvent.newBuilder(PolicyEvents.of(CurationPolicy.MI_MAX));
        harness.send(topics.policies(), "mi-max/1", bad.setKeep(-1).build());
        harness.sendRaw(topics.runStatus(), "main", new byte[3]);
        harness.send(topics.runStatus(), "another", status());
        harness.send(topics.policies(), "mi-max/1", PolicyEvents.of(CurationPolicy.MI_MAX));
        harness.send(topics.runStatus(), "main", status());
        var reasons = harness.deadLetters();
        assertEquals(5, reasons.size(), reasons::toString);
        assertTrue(reasons.get(1).contains("expected a value, found none"), reasons.get(1));
        assertTrue(reasons.get(2).contains("keep: expected 0"), reasons.get(2));
        assertTrue(reasons.get(4).contains("key: expected the run, main, found"), reasons.get(4));
    }

    @Test
    void theTopologyIsTheOneThatRuns() throws IOException {
        assertEquals(TopologyHarness.golden("promotion"), harness.description());
    }

    private static RunStatus status() {
        return RunStatus.newBuilder()
                .setRun("main")
                .setState("running")
                .setRound(1)
                .setDecidedRound(0)
                .setAdapterVersion(0)
                .setSeconds(0)
                .setSamples(0)
                .setUpdatedAt(Samples.THEN)
                .build();
    }

    private void promoteFirst() {
        send(evaluation(0, 0, 1, 5, 9));
        send(adapter(1, 1, "candidate"));
        send(evaluation(1, 1, 2, 6, 10));
        assertEquals(1, one(current()).getVersion());
        history();
    }

    private void send(AdapterEvent.Builder event) {
        var built = event.build();
        harness.send(harness.topics().adapterHistory(), built.getRun(), built);
    }

    private void send(Evaluation.Builder evaluation) {
        var built = evaluation.build();
        harness.send(harness.topics().evaluations(), built.getRun(), built);
    }

    private List<AdapterEvent> current() {
        return harness.read(harness.topics().adapters());
    }

    /** Decisions only: what the test itself sent is not in the driver's output. */
    private List<AdapterEvent> history() {
        return harness.read(harness.topics().adapterHistory());
    }

    private static AdapterEvent one(List<AdapterEvent> events) {
        assertEquals(1, events.size(), events::toString);
        return events.get(0);
    }
}
