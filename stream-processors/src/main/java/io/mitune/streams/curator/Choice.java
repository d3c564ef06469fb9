package io.mitune.streams.curator;

import io.mitune.schemas.CuratedSample;

/**
 * What a policy would keep of a prompt, before the round is looked at. Immutable.
 *
 * @param sample the record as it will be written unless the round says otherwise
 * @param priority the greater one is considered first
 * @param sketch of the candidate's latents; empty when it has none
 */
record Choice(CuratedSample sample, double priority, Sketch sketch) {
    boolean isKept() {
        return sample.getKept() > 0;
    }

    /** The word that nothing is kept, in place of this sample. */
    static CuratedSample nothing(CuratedSample.Builder about, String reason) {
        return about.setRank(0)
                .setKept(0)
                .setCandidateId(null)
                .setIndex(-1)
                .setSeed(0)
                .setMi(0)
                .setMargin(0)
                .setReason(reason)
                .setLatents(null)
                .setPreview(null)
                .build();
    }
}
