package io.mitune.app;

import io.mitune.app.adapter.AdaptersCommand;
import io.mitune.app.blobs.BlobsCommand;
import io.mitune.app.cli.CompletionCommand;
import io.mitune.app.cli.ManCommand;
import io.mitune.app.dashboard.DashboardCommand;
import io.mitune.app.demo.DemoCommand;
import io.mitune.app.dlq.DlqCommand;
import io.mitune.app.evaluate.EvaluateCommand;
import io.mitune.app.export.ExportCommand;
import io.mitune.app.generate.GenerateCommand;
import io.mitune.app.local.BrokerCommand;
import io.mitune.app.local.RegistryCommand;
import io.mitune.app.local.UpCommand;
import io.mitune.app.policy.PolicyCommand;
import io.mitune.app.policy.RecurateCommand;
import io.mitune.app.report.ReportCommand;
import io.mitune.app.roles.CurateCommand;
import io.mitune.app.roles.PublishCommand;
import io.mitune.app.roles.TrainCommand;
import io.mitune.app.roles.WorkerCommand;
import io.mitune.app.run.RunCommand;
import io.mitune.app.status.StatusCommand;
import io.mitune.app.survey.SurveyCommand;
import io.mitune.app.tap.TapCommand;
import io.mitune.app.tensorboard.TensorBoardCommand;
import io.mitune.app.topics.TopicsCommand;
import java.util.List;

/** The list of sub-commands. */
final class Commands {
    private Commands() {}

    /** New command objects; each knows its own name. */
    static List<Object> all() {
        return List.of(
                new DemoCommand(),
                new UpCommand(),
                new BrokerCommand(),
                new RegistryCommand(),
                new GenerateCommand(),
                new EvaluateCommand(),
                new PublishCommand(),
                new WorkerCommand(),
                new CurateCommand(),
                new TrainCommand(),
                new TopicsCommand(),
                new DashboardCommand(),
                new StatusCommand(),
                new SurveyCommand(),
                new TapCommand(),
                new AdaptersCommand(),
                new RunCommand(),
                new PolicyCommand(),
                new RecurateCommand(),
                new DlqCommand(),
                new BlobsCommand(),
                new ExportCommand(),
                new ReportCommand(),
                new TensorBoardCommand(),
                new CompletionCommand(),
                new ManCommand());
    }
}
