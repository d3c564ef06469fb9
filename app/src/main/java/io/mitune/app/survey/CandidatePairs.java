package io.mitune.app.survey;

import io.mitune.app.cli.UserError;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Identity;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.blobs.BlobStore;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Questions between the best and the worst candidate of a prompt by MI, from the stream.
 *
 * <p>Of each prompt the last round whose candidates are all there, so that a later start asks the
 * same; what is remembered is a pair for each prompt and round. Belongs to one thread.
 */
final class CandidatePairs {
    static final String HIGH = "highest-mi";
    static final String LOW = "lowest-mi";

    private record Place(String promptId, int round) {}

    private record Drawn(
            String id, int index, double mi, String run, int adapterVersion, BlobRef preview) {}

    private static final class Round {
        private final String text;
        private final String category;
        private final int wanted;
        private final BitSet seen = new BitSet();
        private Optional<Drawn> high = Optional.empty();
        private Optional<Drawn> low = Optional.empty();

        private Round(Candidate first) {
            text = first.getText();
            category = first.getCategory();
            wanted = first.getCandidates();
        }

        private void add(Candidate c) {
            seen.set(c.getIndex());
            if (c.getFailure() != null || c.getPreview() == null || !Double.isFinite(c.getMi())) {
                return;
            }
            var drawn =
                    new Drawn(
                            c.getCandidateId(),
                            c.getIndex(),
                            c.getMi(),
                            c.getRun(),
                            c.getAdapterVersion(),
                            c.getPreview());
            high = Optional.of(high.filter(h -> !isAbove(drawn, h)).orElse(drawn));
            low = Optional.of(low.filter(l -> !isAbove(l, drawn)).orElse(drawn));
        }

        /** Of equal scores the earlier candidate is the higher one. */
        private static boolean isAbove(Drawn one, Drawn other) {
            return Comparator.comparingDouble(Drawn::mi)
                            .thenComparing(Comparator.comparingInt(Drawn::index).reversed())
                            .compare(one, other)
                    > 0;
        }

        private boolean isPair() {
            return seen.cardinality() == wanted
                    && high.isPresent()
                    && high.get().mi() > low.get().mi();
        }
    }

    private final Map<Place, Round> rounds = new LinkedHashMap<>();
    private final TreeSet<String> runs = new TreeSet<>();
    private final String run;
    private final Consumer<String> faults;

    private CandidatePairs(String run, Consumer<String> faults) {
        this.run = run;
        this.faults = faults;
    }

    /** Reads the topic up to its present end. */
    static List<Question> read(
            Connection connection, BlobStore blobs, String run, Consumer<String> faults) {
        var pairs = new CandidatePairs(run, faults);
        var topic = connection.topics().candidates();
        TopicLog.forEach(connection, topic, pairs::add, faults);
        return pairs.questions(blobs);
    }

    private void add(Candidate c) {
        runs.add(c.getRun());
        if (!c.getRun().equals(run)) {
            return;
        }
        var fault = fault(c);
        if (fault.isPresent()) {
            faults.accept("candidate %.80s: %s".formatted(c.getCandidateId(), fault.get()));
            return;
        }
        rounds.computeIfAbsent(new Place(c.getPromptId(), c.getRound()), p -> new Round(c)).add(c);
    }

    /** Records come from outside. */
    private static Optional<String> fault(Candidate c) {
        var id = Identity.candidateId(c.getPromptId(), c.getRound(), c.getIndex());
        var inRange =
                c.getCandidates() <= RequestLimits.MAX_CANDIDATES
                        && c.getIndex() >= 0
                        && c.getIndex() < c.getCandidates();
        return id.equals(c.getCandidateId()) && inRange && c.getRound() >= 1
                ? RequestLimits.textFault("text", c.getText(), 1)
                        .or(() -> RequestLimits.textFault("category", c.getCategory(), 0))
                : Optional.of("expected " + id + " and an index below candidates, found others");
    }

    private List<Question> questions(BlobStore blobs) {
        var last = new LinkedHashMap<String, Place>();
        rounds.forEach(
                (place, round) -> {
                    if (round.isPair()) {
                        last.merge(
                                place.promptId(), place, (a, b) -> a.round() > b.round() ? a : b);
                    }
                });
        if (last.isEmpty()) {
            throw new UserError(
                    "--run %s: expected prompts with all candidates and previews, found none; runs: %s"
                            .formatted(run, runs));
        }
        var questions = new ArrayList<Question>();
        last.forEach((promptId, place) -> questions.add(question(place, blobs)));
        return questions;
    }

    private Question question(Place place, BlobStore blobs) {
        var round = rounds.get(place);
        return Question.of(
                "pair",
                place.promptId(),
                round.text,
                round.category,
                List.of(
                        exhibit(HIGH, round.high.orElseThrow(), blobs),
                        exhibit(LOW, round.low.orElseThrow(), blobs)));
    }

    private static Exhibit exhibit(String method, Drawn drawn, BlobStore blobs) {
        return new Exhibit(
                method,
                Optional.of(drawn.id()),
                drawn.run(),
                drawn.adapterVersion(),
                OptionalDouble.of(drawn.mi()),
                drawn.preview().getSha256(),
                PictureFiles.at(blobs, drawn.preview()));
    }
}
