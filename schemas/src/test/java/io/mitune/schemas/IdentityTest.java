package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The literals were computed by another program and must never change: stored data use them. */
class IdentityTest {
    private static final String RED_CUBE = "27004824eea84314dc0fa2026d6926a1";

    @Test
    void promptIdsAreFrozen() {
        assertEquals(RED_CUBE, Identity.promptId("demo", 0, "a red cube"));
        assertEquals(
                "63ab0c47e226392f81d9977df94766c8", Identity.promptId("demo", 1, "a red cube"));
        assertEquals("11555ce56dd9581c8fe541a90bf031fd", Identity.promptId("", 0, ""));
        assertEquals(
                "b0e184c53f00bb4db3997141720eed5b",
                Identity.promptId("b", 12, "ein gr\u00fcner W\u00fcrfel \ud83d\udfe9"));
    }

    @Test
    void candidateSeedsAreFrozen() {
        assertEquals(5682508362844368582L, Identity.candidateSeed(42, RED_CUBE, 0));
        assertEquals(-15525640879886731L, Identity.candidateSeed(42, RED_CUBE, 1));
        assertEquals(-45267280768059370L, Identity.candidateSeed(-1, RED_CUBE, 0));
        assertEquals(-4948786125236562662L, Identity.candidateSeed(Long.MAX_VALUE, RED_CUBE, 49));
    }

    @Test
    void partsDoNotRunIntoEachOther() {
        assertNotEquals(Identity.promptId("a", 1, "2b"), Identity.promptId("a", 12, "b"));
        assertNotEquals(Identity.promptId("a1", 2, "b"), Identity.promptId("a", 12, "b"));
    }

    @Test
    void namesOfCandidatesAndTasks() {
        assertEquals(RED_CUBE + "/2/7", Identity.candidateId(RED_CUBE, 2, 7));
        assertEquals(RED_CUBE + "/2/0", Identity.taskId(RED_CUBE, 2, 0));
    }

    @Test
    void sha256OfTheStandardsExample() {
        String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertEquals(abc, Identity.sha256(new byte[] {'a', 'b', 'c'}));
        ByteBuffer buffer = ByteBuffer.allocateDirect(5).put(1, new byte[] {'a', 'b', 'c'});
        buffer.position(1).limit(4);
        assertEquals(abc, Identity.sha256(buffer));
        assertEquals(1, buffer.position());
    }
}
