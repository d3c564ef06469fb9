package io.mitune.streams.planner;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The prompts of one stream task that were accepted and are not handed out yet.
 *
 * <p>Prompts and turns are in stores and survive a restart; whose turn it is, is kept in memory, a
 * little for each batch and nothing for a prompt. To take a task reads one prompt, however many
 * wait. Belongs to one thread.
 */
final class Waiting {
    private final KeyValueStore<String, PromptRequest> prompts;

    /** By lane, the last task of a prompt of which more are to come. */
    private final KeyValueStore<String, GenerationTask> started;

    private final KeyValueStore<String, byte[]> lanes;
    private final FairOrder order = new FairOrder();

    Waiting(
            KeyValueStore<String, PromptRequest> prompts,
            KeyValueStore<String, GenerationTask> started,
            KeyValueStore<String, byte[]> lanes) {
        this.prompts = prompts;
        this.started = started;
        this.lanes = lanes;
        try (var all = lanes.all()) {
            all.forEachRemaining(entry -> order.put(Lane.parse(entry.key, entry.value)));
        }
    }

    void add(PromptRequest request) {
        var lane = Lane.of(request);
        var place = lane.place(request);
        prompts.put(place, request);
        var known = order.find(lane.key());
        if (known.isEmpty()) {
            keep(lane.at(order.newTurn()));
        } else if (place.compareTo(known.get().next()) < 0) {
            keep(known.get().from(place));
        }
    }

    /**
     * The next task, which then counts as handed out. A prompt that was begun goes on whatever
     * became of its round: held up half-way, it would be closed without its rest.
     *
     * @param mayStart whether a lane's next prompt may start
     * @param adapterOf a run's adapter, to be pinned into a prompt's tasks
     */
    Optional<GenerationTask> take(
            Predicate<Lane> mayStart,
            TaskSplit split,
            Function<String, Optional<AdapterEvent>> adapterOf) {
        Predicate<Lane> mayGoOn = lane -> started.get(lane.key()) != null || mayStart.test(lane);
        var task = Optional.<GenerationTask>empty();
        var lane = order.first(mayGoOn);
        while (task.isEmpty() && lane.isPresent()) {
            task = takeFrom(lane.get(), split, adapterOf);
            lane = task.isEmpty() ? order.first(mayGoOn) : lane;
        }
        return task;
    }

    /** Lets lanes go on whose round may start by now. */
    void reopen(Predicate<Lane> mayStart) {
        order.reopen(mayStart);
    }

    private Optional<GenerationTask> takeFrom(
            Lane lane, TaskSplit split, Function<String, Optional<AdapterEvent>> adapterOf) {
        var before = started.get(lane.key());
        if (before != null) {
            keep(lane.at(order.newTurn()));
            return Optional.of(withRest(lane, split.after(before)));
        }
        var head = head(lane);
        if (head.isEmpty()) {
            order.remove(lane.key());
            lanes.delete(lane.key());
            return Optional.empty();
        }
        prompts.delete(head.get().key);
        keep(lane.from(head.get().key).at(order.newTurn()));
        var adapter = adapterOf.apply(lane.run());
        return Optional.of(withRest(lane, split.first(head.get().value, adapter)));
    }

    private GenerationTask withRest(Lane lane, GenerationTask task) {
        if (!TaskSplit.isLast(task)) {
            started.put(lane.key(), task);
        } else if (task.getFirstIndex() > 0) {
            started.delete(lane.key());
        }
        return task;
    }

    private Optional<KeyValue<String, PromptRequest>> head(Lane lane) {
        try (var range = prompts.range(lane.next(), lane.end())) {
            return range.hasNext() ? Optional.of(range.next()) : Optional.empty();
        }
    }

    private void keep(Lane lane) {
        order.put(lane);
        lanes.put(lane.key(), Lane.state(lane));
    }
}
