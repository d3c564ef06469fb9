package io.mitune.app.survey;

import io.mitune.app.evaluate.AlbumImage;
import io.mitune.schemas.VoteOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A picture that may be shown, and what voters must not see of it. Immutable.
 *
 * @param method name of what made or chose it
 * @param candidateId where it is a candidate of the stream
 * @param run its run, or empty
 * @param adapterVersion it was drawn with; 0 is the base model
 * @param mi its score, where it is known and finite
 * @param identity the same for the same picture, and for no other
 * @param source its file
 */
record Exhibit(
        String method,
        Optional<String> candidateId,
        String run,
        int adapterVersion,
        OptionalDouble mi,
        String identity,
        PictureSource source) {

    /** A picture of an album, under the name of a method. */
    static Exhibit of(String method, AlbumImage image) {
        return new Exhibit(
                method,
                Optional.empty(),
                image.run(),
                image.adapterVersion(),
                finite(image.mi()),
                Lots.draw(List.of("row", image.row())),
                PictureFiles.at(image.file()));
    }

    /** As an event tells it. */
    VoteOption toOption() {
        return VoteOption.newBuilder()
                .setMethod(method)
                .setCandidateId(candidateId.orElse(null))
                .setRun(run)
                .setAdapterVersion(adapterVersion)
                .setMi(mi.isPresent() ? mi.getAsDouble() : null)
                .build();
    }

    /** A score as it is kept here. */
    static OptionalDouble finite(double mi) {
        return Double.isFinite(mi) ? OptionalDouble.of(mi) : OptionalDouble.empty();
    }
}
