package io.mitune.app.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CuratedSamples;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which records of the topic are exported, and in which order. */
class CuratedSetTest {

    @Test
    void theSetIsAFunctionOfTheRecordsAndNotOfTheirOrder() {
        var all = new ArrayList<CuratedSample>();
        for (var prompt : List.of("b", "a")) {
            for (var round = 1; round <= 2; round++) {
                for (var rank = 0; rank < 2; rank++) {
                    all.add(CuratedSamples.curated("r", prompt, round, rank).build());
                    all.add(CuratedSamples.curated("r", prompt, round, rank).build());
                }
            }
        }
        all.add(CuratedSamples.curated("r", "c", 1, 0).setKept(0).build());
        all.add(CuratedSamples.curated("r-random", "a", 1, 0).build());
        var wanted = read(all, "r", 0).samples();
        assertEquals(8, wanted.size());
        assertEquals("a/1/0 a/1/1 a/2/0 a/2/1 b/1/0 b/1/1 b/2/0 b/2/1", ids(wanted));
        Collections.shuffle(all, new Random(1));
        assertEquals(wanted, read(all, "r", 0).samples());
        assertEquals("a/2/0 a/2/1 b/2/0 b/2/1", ids(read(all, "r", 2).samples()));
    }

    @Test
    void recordsThatCannotNameFilesAreTold() {
        var evil = CuratedSamples.curated("r", "../../etc", 1, 0).build();
        var other = CuratedSamples.curated("r", "a", 1, 0).setCandidateId("a/1/7").build();
        var text = CuratedSamples.curated("r", "b", 1, 0).setText("two\nlines").build();
        var good = CuratedSamples.curated("r", "c", 1, 0).build();
        var set = read(List.of(evil, other, text, good), "r", 0);
        assertEquals("c/1/0", ids(set.samples()));
        assertEquals(3, set.faults().size());
        assertTrue(set.faults().get(0).contains("promptId: expected a hash"), set.toString());
        assertTrue(set.faults().get(1).contains("found 'a/1/7'"), set.toString());
        assertTrue(set.faults().get(2).contains("control character"), set.toString());
    }

    @Test
    void theRunMustBeClear() {
        var one = CuratedSamples.curated("r", "a", 1, 0).build();
        var two = CuratedSamples.curated("q", "a", 1, 0).build();
        assertEquals(1, CuratedSet.of(List.of(one), none(), none(), List.of()).samples().size());
        var both = List.of(one, two);
        var unclear =
                assertThrows(UserError.class, () -> CuratedSet.of(both, none(), none(), List.of()));
        assertEquals("--run: expected one of [q, r], found none", unclear.getMessage());
        var missing = assertThrows(UserError.class, () -> read(both, "x", 0));
        assertEquals("--run: expected one of [q, r], found x", missing.getMessage());
        assertThrows(UserError.class, () -> read(List.of(), "x", 0));
    }

    private static CuratedSet read(List<CuratedSample> all, String run, int round) {
        var wanted = round == 0 ? Optional.<Integer>empty() : Optional.of(round);
        return CuratedSet.of(all, Optional.of(run), wanted, List.of());
    }

    private static <T> Optional<T> none() {
        return Optional.empty();
    }

    private static String ids(List<CuratedSample> samples) {
        return String.join(" ", samples.stream().map(CuratedSample::getCandidateId).toList());
    }
}
