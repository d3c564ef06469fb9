package io.mitune.workers.training;

import io.mitune.diffusion.random.RandomStream;
import io.mitune.diffusion.training.TrainingSample;
import io.mitune.schemas.Identity;
import io.mitune.workers.TrainingMode.Stream;
import io.mitune.workers.training.StreamOrder.Place;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The newest samples of a stream, and how many there were before.
 *
 * <p>What it holds is a function of the records offered, in their order. Not thread-safe.
 */
final class StreamWindow {
    /** Of the standing setting: the trainer's own counts. */
    static final int OWN = -1;

    private static final int LANE = -2; // of RandomStream: batches of this window

    private final Stream mode;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long admitted;
    private int newestAdapter;
    private int newestRound = 1;
    private Place examined = Place.BEFORE_ALL;
    private String digest = "";
    private int standing = OWN;
    private long leftOut;
    private List<String> added = new ArrayList<>();

    /**
     * A sample and what decides about its use.
     *
     * @param place in the log
     * @param candidateId its id
     * @param adapter version it was drawn with
     * @param round it was made for
     * @param sample to train on
     */
    record Entry(Place place, String candidateId, int adapter, int round, TrainingSample sample) {}

    StreamWindow(Stream mode) {
        this.mode = mode;
    }

    /** Samples taken in since the run began. */
    long admitted() {
        return admitted;
    }

    /** Versions that a sample may be behind. */
    int maxStaleness() {
        return standing == OWN ? mode.maxStaleness() : standing;
    }

    /**
     * Takes the run's standing setting over; what it newly shuts out counts as left out.
     *
     * @param value versions that a sample may be behind, or {@link #OWN}
     */
    void allow(int value) {
        long fresh = fresh();
        standing = value;
        leftOut += Math.max(0, fresh - fresh());
    }

    int newestRound() {
        return newestRound;
    }

    /** SHA-256 chained over all candidateIds taken in, in order. */
    String digest() {
        return digest;
    }

    /** Samples taken in since the version before, in order. */
    List<String> added() {
        return List.copyOf(added);
    }

    /** From here on, samples count for the next version. */
    void versionEnds() {
        added.clear();
    }

    /** Whether a record was dealt with before, or is in the window already. */
    boolean knows(Place place, String candidateId) {
        return place.compareTo(examined) <= 0
                || entries.stream().anyMatch(e -> e.candidateId().equals(candidateId));
    }

    /** Notes that a record was looked at and not taken. */
    void pass(Place place) {
        examined = place;
    }

    /** Takes a sample in, unless it is too stale. */
    void admit(Entry entry) {
        examined = entry.place();
        long fresh = fresh();
        newestAdapter = Math.max(newestAdapter, entry.adapter());
        newestRound = Math.max(newestRound, entry.round());
        leftOut += fresh - fresh();
        if (isStale(entry)) {
            leftOut++;
            return;
        }
        admitted++;
        added.add(entry.candidateId());
        digest =
                Identity.sha256(
                        (digest + "\n" + entry.candidateId()).getBytes(StandardCharsets.UTF_8));
        putBack(entry);
    }

    /** Puts a sample of a checkpoint's window back, which was counted before. */
    void putBack(Entry entry) {
        entries.addLast(entry);
        if (entries.size() > mode.window()) {
            entries.removeFirst();
        }
    }

    /**
     * The samples of one step: the new ones, then any of the window that are fresh enough, each as
     * likely.
     *
     * @param seed of the run
     * @param step number of the step
     * @param count samples of the step
     */
    List<TrainingSample> draw(long seed, long step, int count) {
        List<Entry> fresh = entries.stream().filter(e -> !isStale(e)).toList();
        int newest = Math.min(Math.min(mode.newPerStep(), count), fresh.size());
        List<TrainingSample> drawn = new ArrayList<>();
        fresh.subList(fresh.size() - newest, fresh.size()).forEach(e -> drawn.add(e.sample()));
        var random = new RandomStream(seed, step, LANE);
        while (drawn.size() < count) {
            drawn.add(fresh.get(random.nextInt(fresh.size())).sample());
        }
        return drawn;
    }

    /** Of the samples that a step may draw now. */
    Staleness staleness() {
        int versions =
                entries.stream()
                        .filter(e -> !isStale(e))
                        .mapToInt(e -> newestAdapter - e.adapter())
                        .max()
                        .orElse(0);
        return new Staleness(versions, leftOut);
    }

    List<String> candidateIds() {
        return entries.stream().map(Entry::candidateId).toList();
    }

    /** Place of the oldest sample in the window, or of the next record when it is empty. */
    Place begin() {
        return entries.isEmpty() ? examined.next() : entries.getFirst().place();
    }

    private boolean isStale(Entry entry) {
        return entry.adapter() < newestAdapter - maxStaleness();
    }

    private long fresh() {
        return entries.stream().filter(e -> !isStale(e)).count();
    }

    /** Everything but the samples. */
    Map<String, String> toMap() {
        Map<String, String> map = new TreeMap<>();
        map.put("stream_admitted", Long.toString(admitted));
        map.put("stream_newest_adapter", Integer.toString(newestAdapter));
        map.put("stream_newest_round", Integer.toString(newestRound));
        map.put("stream_examined", examined.offset() + "/" + examined.partition());
        map.put("stream_digest", digest);
        map.put("stream_max_staleness", Integer.toString(standing));
        map.put("stream_left_out", Long.toString(leftOut));
        map.put("stream_added", String.join("\n", added));
        return map;
    }

    /** The counters of a checkpoint; the samples come by {@link #putBack}. */
    static StreamWindow of(Stream mode, Map<String, String> map) {
        var window = new StreamWindow(mode);
        window.admitted = Long.parseLong(RoundState.get(map, "stream_admitted"));
        window.newestAdapter = Integer.parseInt(RoundState.get(map, "stream_newest_adapter"));
        window.newestRound = Integer.parseInt(RoundState.get(map, "stream_newest_round"));
        window.digest = RoundState.get(map, "stream_digest");
        var added = RoundState.get(map, "stream_added");
        window.added = new ArrayList<>(added.isEmpty() ? List.of() : List.of(added.split("\n")));
        // a checkpoint from before there were standing settings has neither
        window.standing = Integer.parseInt(map.getOrDefault("stream_max_staleness", "" + OWN));
        window.leftOut = Long.parseLong(map.getOrDefault("stream_left_out", "0"));
        String[] place = RoundState.get(map, "stream_examined").split("/");
        window.examined = new Place(Long.parseLong(place[0]), Integer.parseInt(place[1]));
        return window;
    }
}
