package io.mitune.app.survey;

import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Vote;
import io.mitune.schemas.VoteLimits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The votes of a campaign as the log has them. Stateless. */
final class VoteLog {
    private VoteLog() {}

    /**
     * All answers up to the present end, each once: the last that was given.
     *
     * @param faults gets one line for each record that cannot be read or used
     */
    static List<Vote> read(Connection connection, String campaign, Consumer<String> faults) {
        var votes = new ArrayList<Vote>();
        TopicLog.forEach(
                connection,
                connection.topics().votes(),
                vote -> {
                    if (vote.getCampaign().equals(campaign)) {
                        VoteLimits.fault(vote)
                                .ifPresentOrElse(
                                        fault -> faults.accept("vote: " + fault),
                                        () -> votes.add(vote));
                    }
                },
                faults);
        return latest(votes);
    }

    /** Of two with the same answer and prompt the later one counts. */
    static List<Vote> latest(Collection<Vote> votes) {
        Map<String, Vote> answers = new LinkedHashMap<>();
        votes.forEach(vote -> answers.put(vote.getAnswerId() + vote.getPromptId(), vote));
        return List.copyOf(answers.values());
    }
}
