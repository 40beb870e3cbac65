package lakeshift.worker;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.TimeZone;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;
import org.apache.spark.api.python.Py4JServer;
import org.apache.spark.sql.SparkSession;

/**
 * A JVM that serves one job run after another, each over a py4j gateway and a secret of its own.
 *
 * <p>Commands come a line each on standard input, answers go a line each to standard output: {@code begin <stdout>
 * <stderr>} (tabs between) answers {@code <port> <secret>}; {@code settle} stops Spark and answers how many of its tasks
 * go on all the same; {@code end} ends whatever the run left and answers {@code ready}. The JVM ends when its standard
 * input does, so also when its parent is killed.
 */
public final class SparkWorker {
  private static final PrintStream ANSWERS =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
  private static final SwitchedOutput OUT = new SwitchedOutput(new FileOutputStream(FileDescriptor.err));
  private static final SwitchedOutput ERR = new SwitchedOutput(new FileOutputStream(FileDescriptor.err));
  private static final long PATIENCE_NANOS = 2_000_000_000L;
  private static final long IDLE_MILLIS = 15_000L; // longer than a worker waits for its next stage while another has one
  private static Properties clean;
  private static TimeZone zone;
  private static Locale locale;
  private static Py4JServer server;
  /** Whether a run has ended since the heap was last cleared. */
  private static boolean used;

  private SparkWorker() {}

  public static void main(String[] arguments) throws Exception {
    System.setOut(new PrintStream(OUT, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(ERR, true, StandardCharsets.UTF_8));
    clean = (Properties) System.getProperties().clone();
    zone = TimeZone.getDefault();
    locale = Locale.getDefault();
    resetLogging();
    LinkedBlockingQueue<String> commands = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> read(commands), "commands");
    reader.setDaemon(true);
    reader.start();
    while (true) {
      String command = used ? commands.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS) : commands.take();
      if (command == null) {
        System.gc(); // now, while nobody waits: between two stages of a pipeline somebody does
        used = false;
        continue;
      }
      String[] words = command.split("\t");
      ANSWERS.println(
          switch (words[0]) {
            case "begin" -> begin(words);
            case "settle" -> settle();
            default -> end();
          });
    }
  }

  private static void read(LinkedBlockingQueue<String> commands) {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        commands.add(line);
      }
    } catch (IOException error) {
      error.printStackTrace();
    }
    // Not exit: a job that hangs would hold its shutdown hooks; what it leaves lies in the worker's own folder.
    Runtime.getRuntime().halt(0);
  }

  private static String begin(String[] words) throws IOException {
    OUT.to(Path.of(words[1]));
    ERR.to(Path.of(words[2]));
    server = new Py4JServer(new SparkConf());
    server.start();
    return server.getListeningPort() + " " + server.secret();
  }

  /** Called by the run over its gateway: what its SparkConf begins with, as the text of a properties file. */
  public static void settings(String text) throws IOException {
    Properties given = new Properties();
    given.load(new StringReader(text));
    given.forEach((key, value) -> System.setProperty((String) key, (String) value));
  }

  /** Whether a run that was killed is still making its SparkContext: it would become the active one after our stop. */
  private static boolean beingConstructed() {
    for (StackTraceElement[] frames : Thread.getAllStackTraces().values()) {
      for (StackTraceElement frame : frames) {
        if (frame.getMethodName().equals("<init>") && frame.getClassName().equals(SparkContext.class.getName())) {
          return true;
        }
      }
    }
    return false;
  }

  private static void stopSpark() throws InterruptedException {
    while (beingConstructed()) {
      Thread.sleep(10);
    }
    if (SparkContext$.MODULE$.getActive().nonEmpty()) {
      SparkContext$.MODULE$.getActive().get().stop();
    }
  }

  /** A job that fails leaves the tasks beside the one that failed, and Spark's stop does not wait for them. */
  private static String settle() throws InterruptedException {
    stopSpark();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long left = tasks();
    while (left > 0 && System.nanoTime() < deadline) {
      Thread.sleep(10);
      left = tasks();
    }
    return Long.toString(left);
  }

  private static long tasks() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("Executor task launch worker"))
        .count();
  }

  private static String end() throws IOException, InterruptedException {
    stopSpark();
    SparkSession.clearActiveSession();
    SparkSession.clearDefaultSession();
    if (server != null) {
      server.shutdown();
      server = null;
    }
    FileSystem.closeAll(); // they keep the settings that they were opened with
    System.setProperties((Properties) clean.clone());
    TimeZone.setDefault(zone);
    Locale.setDefault(locale);
    resetLogging();
    System.out.flush();
    System.err.flush();
    OUT.back();
    ERR.back();
    used = true;
    return "ready";
  }

  /** Spark's own default, at the level that it has under Python; a run's setLogLevel must not outlive it. */
  private static void resetLogging() {
    try {
      LoggerContext context = (LoggerContext) LogManager.getContext(false);
      ClassLoader classes = SparkContext.class.getClassLoader();
      context.setConfigLocation(classes.getResource("org/apache/spark/log4j2-defaults.properties").toURI());
      Configurator.setRootLevel(Level.WARN);
    } catch (java.net.URISyntaxException error) {
      throw new IllegalStateException(error);
    }
  }
}
