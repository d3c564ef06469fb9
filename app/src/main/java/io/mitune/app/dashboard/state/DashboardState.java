package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.lag.GroupLag;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.TrainingStep;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the page shows, as the sum of all events so far, and what of it changed since it was last
 * asked.
 *
 * <p>Sums and short lists only: however long the log, memory and answers stay bounded, and what was
 * let go is read again from the log when somebody looks at it. Events come from outside, twice and
 * in any order; what is out of range is passed over. Thread-safe: one lock, held for milliseconds.
 */
public final class DashboardState {
    private static final int MAX_CARDS = 10_000;
    private static final int MAX_SAMPLES = 20_000;
    private static final int MAX_IMAGES = 250_000;
    private static final int CARDS_SHOWN = 24;
    private static final Pattern PROMPT_ID = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    private final Images images = new Images(MAX_IMAGES);
    private final Pipeline pipeline;
    private final PromptCards cards = new PromptCards(MAX_CARDS);
    private final Batches batches = new Batches();
    private final Gallery gallery = new Gallery(MAX_SAMPLES);
    private final Scores scores = new Scores();
    private final Training training = new Training();
    private final Adapters adapters = new Adapters();
    private final Runs runs = new Runs();
    private final Workers workers = new Workers();
    private final DeadLetterList deadLetters = new DeadLetterList();
    private final Map<Section, JsonNode> cache = new EnumMap<>(Section.class);
    private final Map<Section, JsonNode> published = new EnumMap<>(Section.class);
    private final Set<Section> stale = EnumSet.allOf(Section.class);
    private long publishedSamples;

    /**
     * @param topics short names, in the order of the flow
     */
    public DashboardState(List<String> topics) {
        pipeline = new Pipeline(topics);
    }

    /** The pictures that may be asked for. */
    public Images images() {
        return images;
    }

    /** A record was read, whatever it holds. */
    public synchronized void read(String topic, long atMillis) {
        pipeline.read(topic, atMillis);
    }

    /** A record could not be decoded. */
    public synchronized void unreadable(String topic) {
        pipeline.unreadable(topic);
    }

    /** A prompt that waits for its candidates. */
    public synchronized void add(PromptRequest request, LogPlace place) {
        if (RequestLimits.fault(request).isEmpty()) {
            cards.change(request.getRun(), request.getPromptId(), request.getRound())
                    .request(request, place.timestamp());
            batches.add(request);
        }
    }

    /** A prompt's first task was handed out. */
    public synchronized void add(GenerationTask task, LogPlace place) {
        if (isId(task.getPromptId())) {
            batches.add(task, place.timestamp());
        } else {
            pipeline.unreadable("releases");
        }
    }

    public synchronized void add(Candidate candidate, LogPlace place) {
        if (!isId(candidate.getPromptId())
                || candidate.getIndex() < 0
                || candidate.getIndex() >= RequestLimits.MAX_CANDIDATES) {
            pipeline.unreadable("candidates");
            return;
        }
        batches.add(candidate, place.timestamp());
        var card = cards.change(candidate.getRun(), candidate.getPromptId(), candidate.getRound());
        if (card.candidate(candidate, image(candidate.getPreview()), place)) {
            scores.candidate(candidate.getMi());
            workers.drew(
                    candidate.getWorker(),
                    candidate.getSeconds(),
                    candidate.getFailure() != null,
                    candidate.getCreatedAt().toEpochMilli());
            stale.add(Section.SCORES);
        }
    }

    public synchronized void add(CuratedSample sample, LogPlace place) {
        if (!isId(sample.getPromptId()) || sample.getIndex() >= RequestLimits.MAX_CANDIDATES) {
            pipeline.unreadable("curated");
            return;
        }
        batches.add(sample, place.timestamp());
        var card = cards.change(sample.getRun(), sample.getPromptId(), sample.getRound());
        card.curated(sample);
        if (sample.getKept() > 0) {
            var item = GalleryItem.of(sample, image(sample.getPreview()), place.timestamp());
            if (gallery.add(item)) {
                scores.kept(sample.getMi());
                stale.add(Section.SCORES);
            }
        }
    }

    public synchronized void add(TrainingStep step) {
        training.add(step);
        stale.add(Section.TRAINING);
    }

    public synchronized void add(Evaluation evaluation) {
        adapters.evaluation(evaluation, imageOf(evaluation.getSheet()));
        stale.add(Section.ADAPTERS);
    }

    public synchronized void addHistory(AdapterEvent event) {
        adapters.history(event);
        stale.add(Section.ADAPTERS);
    }

    public synchronized void addCurrent(AdapterEvent event) {
        adapters.current(event);
        stale.add(Section.ADAPTERS);
    }

    public synchronized void add(RunSettings settings) {
        runs.add(settings);
        stale.add(Section.RUNS);
    }

    public synchronized void add(RunStatus status) {
        runs.add(status);
        stale.add(Section.RUNS);
    }

    public synchronized void add(DeadLetter letter) {
        deadLetters.add(letter);
        stale.add(Section.DEAD_LETTERS);
    }

    /** How far each group is behind. */
    public synchronized void groups(List<GroupLag> groups) {
        pipeline.groups(groups);
    }

    /** How much is read of what was there at the start. */
    public synchronized void loading(long done, long all) {
        pipeline.loading(done, all);
    }

    /** Nothing more is read, so from now on the page stands still. */
    public synchronized void ended(String reason) {
        pipeline.ended(reason);
    }

    /** Whether a version is known, so that a wish for it makes sense. */
    public synchronized boolean knows(String run, int version) {
        return adapters.knows(run, version);
    }

    /**
     * Where the candidates of a prompt lie, unless it is too old to be remembered.
     *
     * @param run empty for any
     */
    public synchronized Optional<LogRange> range(String run, String promptId, int round) {
        return cards.find(run, promptId, round)
                .map(PromptCard::range)
                .filter(range -> !range.equals(LogRange.NONE));
    }

    /** A page of the gallery. */
    public synchronized ObjectNode gallery(GalleryQuery query) {
        return gallery.page(query);
    }

    /** What a run, or any where it is empty, kept of one prompt, as in the gallery. */
    public synchronized ArrayNode samples(String run, String promptId, int round) {
        return gallery.of(run, promptId, round);
    }

    /** Prompts, the last begun first. */
    public synchronized ObjectNode prompts(int page) {
        var object = cards.counts().put("page", page);
        object.put("pages", (cards.size() + CARDS_SHOWN - 1) / CARDS_SHOWN);
        var list = object.putArray("cards");
        cards.newest(page * CARDS_SHOWN, CARDS_SHOWN).forEach(card -> list.add(card.json()));
        return object;
    }

    /** How far a batch is in each of its rounds, unless it is unknown or long past. */
    public synchronized Optional<ArrayNode> batch(String name, long nowMillis) {
        return batches.find(name, nowMillis);
    }

    /** Everything that a page needs at first. */
    public synchronized ObjectNode snapshot(long nowMillis) {
        var object = Json.object().put("now", nowMillis);
        for (var section : Section.values()) {
            object.set(section.key(), current(section, nowMillis));
        }
        object.set("prompts", prompts(0));
        object.set("gallery", gallery.page(GalleryQuery.FIRST));
        return object;
    }

    /** What changed since the last call, by the names in the snapshot. */
    public synchronized Map<String, JsonNode> changes(long nowMillis) {
        var changes = new LinkedHashMap<String, JsonNode>();
        for (var section : Section.values()) {
            var now = current(section, nowMillis);
            if (!now.equals(published.put(section, now))) {
                changes.put(section.key(), now);
            }
        }
        var changed = cards.takeChanged();
        if (!changed.isEmpty()) {
            changes.put("prompts", changed(changed));
        }
        if (gallery.added() != publishedSamples) {
            publishedSamples = gallery.added();
            changes.put("gallery", Json.object().put("added", publishedSamples));
        }
        return changes;
    }

    /** The cards on the first page: their order, and those that are not as they were. */
    private ObjectNode changed(Set<String> ids) {
        var object = cards.counts();
        var order = object.putArray("order");
        var list = object.putArray("changed");
        for (var card : cards.newest(0, CARDS_SHOWN)) {
            order.add(card.id());
            if (ids.contains(card.id())) {
                list.add(card.json());
            }
        }
        return object;
    }

    private JsonNode current(Section section, long nowMillis) {
        if (section.timed() || stale.remove(section)) {
            cache.put(section, json(section, nowMillis));
        }
        return cache.get(section);
    }

    private JsonNode json(Section section, long nowMillis) {
        return switch (section) {
            case PIPELINE -> pipeline.json(nowMillis);
            case WORKERS -> workers.json(nowMillis, cards.remaining());
            case BATCHES -> batches.json(nowMillis);
            case SCORES -> scores.json();
            case TRAINING -> training.json();
            case ADAPTERS -> adapters.json();
            case RUNS -> runs.json();
            case DEAD_LETTERS -> deadLetters.json();
        };
    }

    private Sha256 image(BlobRef ref) {
        return imageOf(ref).orElse(null);
    }

    private Optional<Sha256> imageOf(BlobRef ref) {
        return ref == null ? Optional.empty() : images.add(ref);
    }

    private static boolean isId(String promptId) {
        return PROMPT_ID.matcher(promptId).matches();
    }
}
