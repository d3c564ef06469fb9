package io.mitune.benchmarks;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.cli.ErrorLine;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Torch;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * One job in a process of its own, measured, one JSON line out: the counterpart of peer.py with the
 * same jobs, options and fields.
 */
@Command(name = "ours", mixinStandardHelpOptions = true, description = "Runs one job, measured.")
public final class Ours implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "${COMPLETION-CANDIDATES}")
    private Job job;

    @Option(names = "--model", required = true, paramLabel = "DIR")
    private Path model;

    @Option(names = "--dtype", defaultValue = "fp32", description = "fp32, bf16 or fp16")
    private String dtype;

    @Option(names = "--prompt", defaultValue = "a red circle and a blue square")
    private String prompt;

    @Option(names = "--count", defaultValue = "16", description = "candidates or images")
    private int count;

    @Option(names = "--batch", defaultValue = "16", description = "samples per model call")
    private int batch;

    @Option(names = "--steps", defaultValue = "50", description = "sampling or optimizer steps")
    private int steps;

    @Option(names = "--guidance", defaultValue = "2")
    private double guidance;

    @Option(names = "--rank", defaultValue = "16")
    private int rank;

    @Option(names = "--gradient-checkpointing", description = "in training")
    private boolean checkpointing;

    @Option(names = "--threads", defaultValue = "2")
    private int threads;

    @Option(names = "--prompts", defaultValue = "4", description = "prompts of a stream's round")
    private int prompts;

    @Option(names = "--repeat", defaultValue = "3", description = "rounds of the stream")
    private int repeat;

    /** Runs the job of the command line. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line, ready to execute. */
    static CommandLine commandLine() {
        return new CommandLine(new Ours())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(ErrorLine::onFailure)
                .setParameterExceptionHandler(ErrorLine::onUsage);
    }

    @Override
    public Integer call() throws JsonProcessingException {
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        Torch.setUp();
        double start = ManagementFactory.getRuntimeMXBean().getStartTime();
        double startSeconds = (System.currentTimeMillis() - start) / 1e3;
        var startRss = PeakMemory.mebibytes();
        var result = job.run(settings());
        var line = new LinkedHashMap<String, Object>();
        line.put("job", job.name().toLowerCase(Locale.ROOT));
        line.put("dtype", dtype);
        line.put("batch", batch);
        line.put("steps", steps);
        line.put("seconds", result.seconds());
        line.put("items", result.items());
        line.put("items_per_second", result.items() / result.seconds());
        PeakMemory.mebibytes().ifPresent(peak -> line.put("peak_rss_mib", peak));
        startRss.ifPresent(peak -> line.put("import_rss_mib", peak));
        line.put("import_seconds", startSeconds);
        line.put("threads", threads);
        line.put("torch", Engine.getEngine("PyTorch").getVersion());
        line.putAll(result.more());
        System.out.println(new ObjectMapper().writeValueAsString(line));
        return 0;
    }

    private Settings settings() {
        return new Settings(
                model,
                Dtype.of(dtype),
                prompt,
                count,
                batch,
                steps,
                guidance,
                rank,
                checkpointing,
                prompts,
                repeat);
    }
}
