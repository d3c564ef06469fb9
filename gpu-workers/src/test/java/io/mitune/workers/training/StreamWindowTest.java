package io.mitune.workers.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.workers.TrainingMode.Stream;
import io.mitune.workers.training.StreamOrder.Place;
import io.mitune.workers.training.StreamWindow.Entry;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamWindowTest {
    private static final Stream MODE = new Stream(1, 10, 2, 5);

    private final StreamWindow window = new StreamWindow(MODE);

    @Test
    void leavesOutWhatIsStaleAndCountsEachOnce() {
        admit(window, 0, 1);
        admit(window, 1, 2);
        admit(window, 2, 4); // the first is three versions behind now
        assertEquals(new Staleness(2, 1), window.staleness());
        admit(window, 3, 1); // comes too late
        assertEquals(new Staleness(2, 2), window.staleness());
        assertEquals(3, window.admitted());
        admit(window, 4, 5);
        assertEquals(new Staleness(1, 3), window.staleness());
        assertEquals(List.of("c0", "c1", "c2", "c4"), window.candidateIds());
    }

    @Test
    void aStandingSettingCountsInsteadOfTheTrainersOwn() {
        admit(window, 0, 1);
        admit(window, 1, 2);
        admit(window, 2, 3);
        window.allow(0);
        assertEquals(0, window.maxStaleness());
        assertEquals(new Staleness(0, 2), window.staleness());
        window.allow(StreamWindow.OWN);
        assertEquals(2, window.maxStaleness());
        assertEquals(new Staleness(2, 2), window.staleness());
    }

    @Test
    void aCheckpointKeepsTheSettingAndTheCount() {
        window.allow(1);
        admit(window, 0, 1);
        admit(window, 1, 3);
        var again = StreamWindow.of(MODE, window.toMap());
        assertEquals(1, again.maxStaleness());
        assertEquals(1, again.staleness().leftOut());

        var old = window.toMap();
        old.remove("stream_max_staleness");
        old.remove("stream_left_out");
        assertEquals(2, StreamWindow.of(MODE, old).maxStaleness());
    }

    private static void admit(StreamWindow window, long offset, int adapter) {
        window.admit(new Entry(new Place(offset, 0), "c" + offset, adapter, 1, null));
    }
}
