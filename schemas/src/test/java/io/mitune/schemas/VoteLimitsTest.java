package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VoteLimitsTest {
    private static final String PROMPT = Identity.promptId("batch", 0, "a red cube");

    @Test
    void takesAWholeVoteAndOneThatChoosesNothing() {
        assertEquals(Optional.empty(), VoteLimits.fault(vote().build()));
        assertEquals(Optional.empty(), VoteLimits.fault(vote().setChosen(List.of()).build()));
    }

    @Test
    void namesTheFieldThatIsWrong() {
        assertFault("chosen", vote().setChosen(List.of(2)));
        assertFault("chosen", vote().setChosen(List.of(0, 0)));
        assertFault("form", vote().setForm("poll"));
        assertFault("answerId", vote().setAnswerId("0"));
        assertFault("promptId", vote().setPromptId("../x"));
        assertFault("options: expected 2 to 2", vote().setOptions(List.of(option("a", null))));
        var other = option("a", Identity.textId("x") + "/1/0");
        assertFault("options: candidateId", vote().setOptions(List.of(other, other)));
        assertFault("text", vote().setText("x".repeat(5000)));
    }

    private static void assertFault(String field, Vote.Builder vote) {
        var fault = VoteLimits.fault(vote.build()).orElse("none");
        assertTrue(fault.startsWith(field), fault);
    }

    private static VoteOption option(String method, String candidateId) {
        return VoteOption.newBuilder().setMethod(method).setCandidateId(candidateId).build();
    }

    private static Vote.Builder vote() {
        return Vote.newBuilder()
                .setAnswerId(Identity.answerId("spring", "q1", "v1"))
                .setCampaign("spring")
                .setQuestionId("q1")
                .setForm("pair")
                .setPromptId(PROMPT)
                .setText("a red cube")
                .setOptions(List.of(option("base", PROMPT + "/1/0"), option("tuned", null)))
                .setChosen(List.of(1))
                .setVoterId("v1")
                .setAnsweredAt(Instant.EPOCH);
    }
}
