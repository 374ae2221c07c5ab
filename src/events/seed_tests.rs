//! What the callers that this module is made for rely on: names, fields and constructors, used as they use them.

use std::collections::HashMap;

use chrono::Utc;

use super::*;

#[test]
fn test_subscription_matching() {
    let subscription = Subscription {
        id: "test".to_string(),
        events: vec!["$pageview".to_string()],
        filters: vec![],
        include_person: false,
        environment: Some("production".to_string()),
    };

    let event = RealtimeEvent {
        id: "1".to_string(),
        event: "$pageview".to_string(),
        distinct_id: "user-1".to_string(),
        timestamp: Utc::now(),
        properties: HashMap::new(),
        session_id: None,
        environment: "production".to_string(),
    };

    assert!(subscription.matches(&event));

    let wrong_event = RealtimeEvent { event: "$click".to_string(), ..event.clone() };
    assert!(!subscription.matches(&wrong_event));

    let wrong_env = RealtimeEvent { environment: "staging".to_string(), ..event.clone() };
    assert!(!subscription.matches(&wrong_env));
}

#[tokio::test]
async fn test_realtime_hub() {
    let hub = RealtimeHub::new(100);

    let subscription = Subscription {
        id: uuid::Uuid::new_v4().to_string(),
        events: vec![],
        filters: vec![],
        include_person: false,
        environment: None,
    };

    let mut subscriber = hub.subscribe(subscription).await;

    // Publish event
    let event = RealtimeEvent {
        id: "1".to_string(),
        event: "test".to_string(),
        distinct_id: "user-1".to_string(),
        timestamp: Utc::now(),
        properties: HashMap::new(),
        session_id: None,
        environment: "test".to_string(),
    };

    hub.publish(event.clone()).await;

    // Should receive event
    let received = tokio::time::timeout(std::time::Duration::from_millis(100), subscriber.recv()).await;

    assert!(received.is_ok());
}

#[tokio::test]
async fn test_live_user_tracker() {
    let tracker = LiveUserTracker::new(30);

    tracker.record_activity("user-1", None, Some("/home".to_string())).await;
    tracker.record_activity("user-2", None, Some("/about".to_string())).await;

    assert_eq!(tracker.get_count().await, 2);

    let users = tracker.get_users().await;
    assert_eq!(users.len(), 2);
}

#[tokio::test]
async fn test_realtime_aggregator() {
    let aggregator = RealtimeAggregator::new(60);

    aggregator.record("$pageview", "user-1").await;
    aggregator.record("$pageview", "user-2").await;
    aggregator.record("$click", "user-1").await;

    let counts = aggregator.get_counts().await;
    assert_eq!(counts.get("$pageview"), Some(&2));
    assert_eq!(counts.get("$click"), Some(&1));
}
