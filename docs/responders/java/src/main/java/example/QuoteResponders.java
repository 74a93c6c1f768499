package example;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.support.converter.DefaultJackson2JavaTypeMapper;
import org.springframework.amqp.support.converter.Jackson2JsonMessageConverter;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.messaging.handler.annotation.SendTo;

/** Answers quote requests on a queue of RabbitMQ and on a topic of Kafka. */
@SpringBootApplication
public class QuoteResponders {
    record Request(String productId, BigDecimal quantity, String currency) {}

    /** Prices are text, so that no binary fraction comes between them and who compares them. */
    record Offer(String sku, String unitPrice, String currency, int stockQuantity, String shipping, int deliveryDays) {}

    record Problem(String error) {}

    /** What is offered: the part to replace. */
    private static final Map<String, List<Offer>> OFFERS = Map.of("widget", List.of(
            new Offer("W-1", "0.45", "EUR", 5000, "4.90", 2),
            new Offer("W-2", "0.50", "EUR", 5000, "0", 5)));

    private static Object reply(Request request) {
        if (request.productId() == null) {
            return new Problem("not a quote request: no productId");
        }
        return OFFERS.getOrDefault(request.productId(), List.of());
    }

    /** What is returned goes to the request's reply_to, with its correlation_id. */
    @RabbitListener(queues = "${quotes.queue}")
    Object overRabbit(Request request) {
        return reply(request);
    }

    /**
     * What is returned goes to kafka_replyTopic and kafka_replyPartition, with kafka_correlationId. With splitIterables a list
     * would go as one record for each offer, to whatever partition, and without the id.
     */
    @KafkaListener(topics = "${quotes.topic}", splitIterables = false)
    @SendTo
    Object overKafka(
            @Payload Request request, @Header(name = "x-deadline-ms", required = false) String deadline) {
        boolean isExpired = deadline != null && Long.parseLong(deadline) <= System.currentTimeMillis();
        // Nothing is sent for null.
        return isExpired ? null : reply(request);
    }

    @Bean
    Queue queue(@Value("${quotes.queue}") String name) {
        return new Queue(name);
    }

    /** JSON whose messages name no class of this program (`__TypeId__`). */
    @Bean
    Jackson2JsonMessageConverter converter(ObjectMapper mapper) {
        var converter = new Jackson2JsonMessageConverter(mapper);
        converter.setJavaTypeMapper(new DefaultJackson2JavaTypeMapper() {
            @Override
            public void fromJavaType(JavaType type, MessageProperties properties) {
                // Said nowhere.
            }
        });
        return converter;
    }

    public static void main(String[] arguments) {
        SpringApplication.run(QuoteResponders.class, arguments);
    }
}
